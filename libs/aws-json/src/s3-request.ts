import { hash } from 'node:crypto';
import type { UnsignedRequest } from './signed-request.ts';

/** Where an object is, and the request for it. */
export interface S3Request {
  /** Scheme and host. */
  readonly origin: URL;
  readonly request: UnsignedRequest;
}

const METHODS: Readonly<Record<string, string>> = { GetObject: 'GET', PutObject: 'PUT' };

/** The fields of an input that are headers of the request. */
const HEADERS: Readonly<Record<string, string>> = {
  ContentEncoding: 'content-encoding',
  ContentType: 'content-type',
  IfMatch: 'if-match',
  IfNoneMatch: 'if-none-match',
};

/** Anything else would be another host, or another path. */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** Where buckets have hosts of their own. */
const AWS_HOST = /^s3\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/;

/**
 * An operation of S3 as a request.
 *
 * @throws TypeError for an operation, a field or a value that there is not here
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 */
export function s3Request(endpoint: URL, operation: string, input: object): S3Request {
  const method = METHODS[operation];
  if (!method) throw new TypeError(`S3 is not asked for ${operation} here`);
  const { Bucket, Key, Body, VersionId, ...rest }: Readonly<Record<string, unknown>> = { ...input };
  if (typeof Bucket !== 'string' || !BUCKET.test(Bucket))
    throw new TypeError('Bucket is no name of a bucket');
  // Without a key it would be a request about the bucket.
  if (typeof Key !== 'string' || Key === '') throw new TypeError('Key is no key of an object');
  const body = method === 'PUT' ? bytesOf(Body) : '';
  const bodySha256 = hash('sha256', body);
  const headers = [
    ...headersOf(rest),
    ...(method === 'PUT' ? [['content-length', String(Buffer.byteLength(body))] as const] : []),
    ['x-amz-content-sha256', bodySha256] as const,
  ];
  const query = VersionId === undefined ? '' : `versionId=${encoded(textOf('VersionId', VersionId))}`;
  const { origin, path } = placeOf(endpoint, Bucket, Key.split('/').map(encoded).join('/'));
  return { origin, request: { method, path, query, headers, body, bodySha256 } };
}

/**
 * In AWS a bucket has a host of its own, unless there is a dot in its name, which its certificate does not stand for.
 * Elsewhere the path begins with it.
 */
function placeOf(endpoint: URL, bucket: string, path: string) {
  const isHost = AWS_HOST.test(endpoint.hostname) && !bucket.includes('.');
  return isHost
    ? { origin: new URL(`${endpoint.protocol}//${bucket}.${endpoint.host}`), path: `/${path}` }
    : { origin: endpoint, path: `/${bucket}/${path}` };
}

function headersOf(fields: Readonly<Record<string, unknown>>): readonly (readonly [string, string])[] {
  return Object.entries(fields).flatMap(([field, value]) => {
    const name = HEADERS[field];
    if (!name) throw new TypeError(`S3 is not told ${field} here`);
    return value === undefined ? [] : [[name, textOf(field, value)] as const];
  });
}

/** As Signature Version 4 has it, which S3 wants once: all but letters, digits and `-._~`. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

function bytesOf(body: unknown): string | Uint8Array {
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  throw new TypeError('Body is neither bytes nor a text');
}

function textOf(field: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`${field} is no text`);
}
