import type { IncomingMessage } from 'node:http';

/** The AWS services whose protocols the proxy knows. */
export type Service = 'sqs' | 'dynamodb' | 's3' | 'secretsmanager' | 'events' | 'ssm' | 'sfn';

/** What one request asks for; `service` is absent when its `X-Amz-Target` is of no known service. */
export interface Operation {
  readonly service?: Service;
  /** As the service's API names it, such as `SendMessageBatch` or `PutObject`. */
  readonly operation: string;
}

const SERVICE_BY_TARGET: Readonly<Record<string, Service>> = {
  AmazonSQS: 'sqs',
  DynamoDB_20120810: 'dynamodb',
  secretsmanager: 'secretsmanager',
  AWSEvents: 'events',
  AmazonSSM: 'ssm',
  AWSStepFunctions: 'sfn',
};

/** Names the operation of a request from its headers and address alone, so that the body can stream. */
export function operationOf(request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>): Operation {
  const target = request.headers['x-amz-target'];
  if (typeof target !== 'string') return { service: 's3', operation: s3Operation(request) };
  const [prefix = '', operation = ''] = target.split('.');
  const service = SERVICE_BY_TARGET[prefix];
  return service === undefined ? { operation } : { service, operation };
}

function s3Operation({
  method = 'GET',
  url = '/',
  headers,
}: Pick<IncomingMessage, 'method' | 'url' | 'headers'>): string {
  const { pathname, searchParams } = new URL(url, 'http://s3');
  const [, bucket = '', ...key] = pathname.split('/');
  if (bucket === '') return 'ListBuckets';
  return key.join('/') === ''
    ? bucketOperation(method, searchParams)
    : objectOperation(method, searchParams, 'x-amz-copy-source' in headers);
}

function bucketOperation(method: string, query: URLSearchParams): string {
  if (method === 'GET') return query.get('list-type') === '2' ? 'ListObjectsV2' : 'ListObjects';
  if (method === 'POST' && query.has('delete')) return 'DeleteObjects';
  return { HEAD: 'HeadBucket', PUT: 'CreateBucket', DELETE: 'DeleteBucket' }[method] ?? `${method} bucket`;
}

function objectOperation(method: string, query: URLSearchParams, isCopy: boolean): string {
  if (method === 'POST' && query.has('uploads')) return 'CreateMultipartUpload';
  if (query.has('uploadId')) {
    const multipart: Readonly<Record<string, string>> = {
      PUT: isCopy ? 'UploadPartCopy' : 'UploadPart',
      POST: 'CompleteMultipartUpload',
      DELETE: 'AbortMultipartUpload',
      GET: 'ListParts',
    };
    return multipart[method] ?? `${method} upload`;
  }
  if (method === 'PUT') return isCopy ? 'CopyObject' : 'PutObject';
  return { GET: 'GetObject', HEAD: 'HeadObject', DELETE: 'DeleteObject' }[method] ?? `${method} object`;
}
