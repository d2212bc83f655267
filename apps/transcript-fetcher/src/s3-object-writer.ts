import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  type CompletedPart,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { ObjectWriter, WrittenObject } from './object-writer.ts';

/** The least that S3 takes for a part that is not the last; 10,000 of them are 50 GB, compressed. */
const PART_BYTES = 5 * 1024 * 1024;

interface Place {
  readonly client: S3Client;
  readonly Bucket: string;
  readonly Key: string;
  readonly options: { readonly abortSignal: AbortSignal };
}

/** A transcript in JSON, compressed, as people and machines fetch it. */
const FORM = { ContentType: 'application/json', ContentEncoding: 'gzip' } as const;

/** An upload must say of which kind the checksums of its parts will be. */
const CHECKED = { ChecksumAlgorithm: 'CRC32' } as const;

/**
 * An object in S3: in one request when it is small, else part by part while it is written, one part in memory.
 * Parts of uploads that nobody could abort are removed by the bucket's lifecycle rule.
 *
 * @param signal ends requests that are under way; an abort still gets through
 */
export function s3ObjectWriter(
  client: S3Client,
  Bucket: string,
  Key: string,
  signal: AbortSignal,
): ObjectWriter {
  const place: Place = { client, Bucket, Key, options: { abortSignal: signal } };
  const hash = createHash('sha256');
  const parts: CompletedPart[] = [];
  let bytes = 0;
  /** Filled again and again; what is never written to of it is not in memory. */
  const part = Buffer.allocUnsafe(PART_BYTES);
  let filled = 0;
  let uploadId: string | undefined;

  const sendPart = async () => {
    uploadId ??= await createUpload(place);
    parts.push(await uploadPart(place, uploadId, parts.length + 1, part.subarray(0, filled)));
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
      if (uploadId === undefined) {
        const Body = part.subarray(0, filled);
        await client.send(new PutObjectCommand({ Bucket, Key, Body, ...FORM }), place.options);
      } else {
        if (filled > 0) await sendPart();
        await completeUpload(place, uploadId, parts);
      }
      return { bytes, sha256: hash.digest('hex') };
    },
    abort: async () => {
      if (uploadId === undefined) return;
      await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId: uploadId }));
    },
  };
}

/** Opens objects in the bucket of the originals, if there is one. */
export const originalsBucket = (client: S3Client, bucket: string | undefined) =>
  bucket === undefined
    ? undefined
    : (key: string, signal: AbortSignal) => s3ObjectWriter(client, bucket, key, signal);

async function createUpload({ client, Bucket, Key, options }: Place): Promise<string> {
  const command = new CreateMultipartUploadCommand({ Bucket, Key, ...FORM, ...CHECKED });
  const { UploadId } = await client.send(command, options);
  if (UploadId === undefined) throw new Error('S3 began an upload without an id');
  return UploadId;
}

async function uploadPart(
  { client, Bucket, Key, options }: Place,
  UploadId: string,
  PartNumber: number,
  Body: Uint8Array,
): Promise<CompletedPart> {
  const command = new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ...CHECKED });
  const { ETag, ChecksumCRC32 } = await client.send(command, options);
  return { PartNumber, ETag, ...(ChecksumCRC32 !== undefined && { ChecksumCRC32 }) };
}

async function completeUpload(
  { client, Bucket, Key, options }: Place,
  UploadId: string,
  Parts: CompletedPart[],
): Promise<void> {
  const command = new CompleteMultipartUploadCommand({
    Bucket,
    Key,
    UploadId,
    MultipartUpload: { Parts },
  });
  await client.send(command, options);
}
