import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';

import type { ObjectHead, ObjectStore, StoredObject } from './object-store.ts';

/**
 * The set-aside bucket. The role needs `s3:ListBucket` on it besides the object actions: without it S3 answers a
 * HEAD for an absent object with 403 instead of 404.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
 */
export function s3ObjectStore(client: S3Client, bucket: string): ObjectStore {
  return {
    head: (key, signal) => absentWhen404(() => headObject(client, bucket, key, signal)),
    put: (object, etag, signal) => putObject(client, bucket, { object, etag }, signal),
    get: (key, signal) => absentWhen404(() => getObject(client, bucket, key, signal)),
  };
}

async function headObject(
  client: S3Client,
  bucket: string,
  key: string,
  signal?: AbortSignal,
): Promise<ObjectHead> {
  const output = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), abortable(signal));
  return { metadata: output.Metadata ?? {}, etag: output.ETag ?? '' };
}

async function getObject(
  client: S3Client,
  bucket: string,
  key: string,
  signal?: AbortSignal,
): Promise<StoredObject> {
  const output = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), abortable(signal));
  const body = (await output.Body?.transformToByteArray()) ?? new Uint8Array();
  return { key, body, metadata: output.Metadata ?? {} };
}

interface ConditionalWrite {
  readonly object: StoredObject;
  readonly etag: string | undefined;
}

async function putObject(
  client: S3Client,
  bucket: string,
  { object, etag }: ConditionalWrite,
  signal?: AbortSignal,
): Promise<'written' | 'changed'> {
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: object.key,
    Body: object.body,
    Metadata: { ...object.metadata },
    ContentType: 'application/json',
    ...(etag === undefined ? { IfNoneMatch: '*' } : { IfMatch: etag }),
  });
  try {
    await client.send(command, abortable(signal));
    return 'written';
  } catch (error) {
    if (isConditionFailure(error, etag)) return 'changed';
    throw error;
  }
}

/** 412: another version is there. 409: a concurrent write got in between. 404 on If-Match: deleted meanwhile. */
function isConditionFailure(error: unknown, etag: string | undefined): boolean {
  const status = statusOf(error);
  return status === 412 || status === 409 || (status === 404 && etag !== undefined && !isNoSuchBucket(error));
}

async function absentWhen404<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (statusOf(error) === 404 && !isNoSuchBucket(error)) return undefined;
    throw error;
  }
}

/** A wrong bucket name must not look like an empty store. */
function isNoSuchBucket(error: unknown): boolean {
  return error instanceof S3ServiceException && error.name === 'NoSuchBucket';
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

function abortable(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}
