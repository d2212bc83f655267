import { createHash } from 'node:crypto';
import type { AwsCall } from '@aftercall/aws-json';
import type { ObjectWriter, WrittenObject } from './object-writer.ts';

/** The least that S3 takes for a part that is not the last; 10,000 of them are 50 GB, compressed. */
const PART_BYTES = 5 * 1024 * 1024;

/** A transcript in JSON, compressed, as people and machines fetch it. */
const FORM = { ContentType: 'application/json', ContentEncoding: 'gzip' } as const;

/** Where an object goes, what it is, and what ends its requests. */
export interface ObjectPlace {
  readonly Bucket: string;
  readonly Key: string;
  readonly form: typeof FORM;
  readonly signal: AbortSignal;
}

/** An object on its way, of which nothing is seen before it is complete. */
export interface MultipartUpload {
  /** Adds the next part. @throws when S3 has not got it */
  add(part: Uint8Array): Promise<void>;
  complete(): Promise<void>;
  abort(): Promise<void>;
}

/** The ways into S3: small objects by a call, large ones part by part. */
export interface ObjectWays {
  readonly call: AwsCall;
  readonly beginUpload: (place: ObjectPlace) => Promise<MultipartUpload>;
}

/**
 * An object in S3: in one request when it is small, else part by part while it is written, one part in memory.
 * Parts of uploads that nobody could abort are removed by the bucket's lifecycle rule.
 *
 * @param signal ends requests that are under way; an abort still gets through
 */
export function s3ObjectWriter(
  { call, beginUpload }: ObjectWays,
  Bucket: string,
  Key: string,
  signal: AbortSignal,
): ObjectWriter {
  const hash = createHash('sha256');
  let bytes = 0;
  /** Filled again and again; what is never written to of it is not in memory. */
  const part = Buffer.allocUnsafe(PART_BYTES);
  let filled = 0;
  let upload: MultipartUpload | undefined;

  const sendPart = async () => {
    upload ??= await beginUpload({ Bucket, Key, form: FORM, signal });
    await upload.add(part.subarray(0, filled));
    filled = 0;
  };
  return {
    write: async (chunk) => {
      hash.update(chunk);
      bytes += chunk.byteLength;
      for (let from = 0; from < chunk.byteLength; ) {
        const taken = chunk.subarray(from, from + PART_BYTES - filled);
        part.set(taken, filled);
        filled += taken.byteLength;
        from += taken.byteLength;
        if (filled === PART_BYTES) await sendPart();
      }
    },
    commit: async (): Promise<WrittenObject> => {
      if (upload === undefined) {
        const Body = part.subarray(0, filled);
        await call('PutObject', { Bucket, Key, Body, ...FORM }, signal);
      } else {
        if (filled > 0) await sendPart();
        await upload.complete();
      }
      return { bytes, sha256: hash.digest('hex') };
    },
    abort: async () => upload?.abort(),
  };
}

/** Opens objects in the bucket of the originals, if there is one. */
export const originalsBucket = (ways: ObjectWays, bucket: string | undefined) =>
  bucket === undefined
    ? undefined
    : (key: string, signal: AbortSignal) => s3ObjectWriter(ways, bucket, key, signal);
