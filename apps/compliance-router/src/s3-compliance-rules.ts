import { Readable } from 'node:stream';
import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  ListObjectVersionsCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { RulesObject, RulesStore } from './rules-store.ts';

/** Above it, it is some other file. */
const MAX_OBJECT_BYTES = 1_048_576;

/** How far back a good rule set is looked for. */
const MAX_VERSIONS = 20;

/**
 * The rule set as an object of a versioned bucket. The role needs `s3:GetObject`, `s3:GetObjectVersion`,
 * `s3:ListBucketVersions`, and `s3:ListBucket`, without which S3 answers for an absent object that access is denied.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export function s3ComplianceRules(client: S3Client, bucket: string, key: string): RulesStore {
  const object = { Bucket: bucket, Key: key };

  async function read(condition: { IfNoneMatch?: string; VersionId?: string }): Promise<RulesObject> {
    try {
      return await rulesObject(await client.send(new GetObjectCommand({ ...object, ...condition })));
    } catch (error) {
      const answer = answerIn(error);
      if (answer) return answer;
      throw error;
    }
  }
  return {
    read: (etag) => read(etag === undefined ? {} : { IfNoneMatch: etag }),

    async *earlierVersions() {
      const { Versions: versions = [] } = await client.send(
        new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key, MaxKeys: MAX_VERSIONS }),
      );
      for (const { Key, VersionId, IsLatest } of versions) {
        // Other objects may have names that begin like this one's.
        if (Key !== key || VersionId === undefined || IsLatest === true) continue;
        const version = await read({ VersionId });
        if (version.outcome === 'object') yield version.text;
      }
    },
  };
}

async function rulesObject({ Body, ETag, ContentLength }: GetObjectCommandOutput): Promise<RulesObject> {
  if (Body === undefined || ETag === undefined) throw new Error('S3 answered without a body or an ETag');
  if ((ContentLength ?? 0) <= MAX_OBJECT_BYTES) {
    return { outcome: 'object', etag: ETag, text: await Body.transformToString('utf-8') };
  }
  if (Body instanceof Readable) Body.destroy();
  return { outcome: 'none', reason: `the object is larger than ${MAX_OBJECT_BYTES} bytes` };
}

/** What S3 says with an error and is none: not modified, not there, not for us. */
function answerIn(error: unknown): RulesObject | undefined {
  if (!(error instanceof S3ServiceException)) return undefined;
  const { name, $metadata } = error;
  if ($metadata.httpStatusCode === 304) return { outcome: 'unchanged' };
  if ($metadata.httpStatusCode === 404 || name === 'AccessDenied') return { outcome: 'none', reason: name };
  return undefined;
}
