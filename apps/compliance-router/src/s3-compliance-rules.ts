import { AnswerTooLargeError, type AwsCall, refusalIn } from '@aftercall/aws-json';
import type { RulesObject, RulesStore } from './rules-store.ts';

/** Above it, it is some other file; a call that reads rules takes no more. */
export const MAX_OBJECT_BYTES = 1_048_576;

/** Lists the ids of an object's earlier versions, the latest first. Asked for only where the one in place is no good. */
export type EarlierVersions = (bucket: string, key: string) => Promise<readonly string[]>;

/**
 * The rule set as an object of a versioned bucket. The role needs `s3:GetObject`, `s3:GetObjectVersion`, and
 * `s3:ListBucket`, without which S3 answers for an absent object that access is denied.
 *
 * @param call takes no answers above `MAX_OBJECT_BYTES`
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export function s3ComplianceRules(
  call: AwsCall,
  listEarlier: EarlierVersions,
  bucket: string,
  key: string,
): RulesStore {
  const object = { Bucket: bucket, Key: key };

  async function read(condition: { IfNoneMatch?: string; VersionId?: string }): Promise<RulesObject> {
    try {
      return rulesObject(await call('GetObject', { ...object, ...condition }));
    } catch (error) {
      const answer = answerIn(error);
      if (answer) return answer;
      throw error;
    }
  }
  return {
    read: (etag) => read(etag === undefined ? {} : { IfNoneMatch: etag }),

    async *earlierVersions() {
      for (const VersionId of await listEarlier(bucket, key)) {
        const version = await read({ VersionId });
        if (version.outcome === 'object') yield version.text;
      }
    },
  };
}

function rulesObject({ Body: bytes, ETag: etag }: Awaited<ReturnType<AwsCall>>): RulesObject {
  if (!(bytes instanceof Uint8Array) || typeof etag !== 'string')
    throw new Error('S3 answered without a body or an ETag');
  return { outcome: 'object', etag, text: new TextDecoder().decode(bytes) };
}

/** What S3 says with an error and is none: not modified, not there, not for us, not a rule set. */
function answerIn(error: unknown): RulesObject | undefined {
  if (error instanceof AnswerTooLargeError)
    return { outcome: 'none', reason: `the object is larger than ${MAX_OBJECT_BYTES} bytes` };
  const { status, name = '' } = refusalIn(error) ?? {};
  if (status === 304) return { outcome: 'unchanged' };
  if (status === 404 || name === 'AccessDenied') return { outcome: 'none', reason: name };
  return undefined;
}
