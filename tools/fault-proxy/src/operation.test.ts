import { expect, test } from '@jest/globals';

import { operationOf } from './operation.ts';

test.each([
  ['AmazonSQS.SendMessageBatch', 'sqs', 'SendMessageBatch'],
  ['DynamoDB_20120810.PutItem', 'dynamodb', 'PutItem'],
  ['secretsmanager.GetSecretValue', 'secretsmanager', 'GetSecretValue'],
  ['AWSEvents.PutEvents', 'events', 'PutEvents'],
  ['AmazonSSM.GetParameter', 'ssm', 'GetParameter'],
  ['AWSStepFunctions.StartExecution', 'sfn', 'StartExecution'],
])('a target of %s names service and operation', (target, service, operation) => {
  expect(operationOf({ method: 'POST', url: '/', headers: { 'x-amz-target': target } })).toEqual({
    service,
    operation,
  });
});

test('an unknown target has an operation and no service', () => {
  const request = { method: 'POST', url: '/', headers: { 'x-amz-target': 'AWSGlue.GetTable' } };
  expect(operationOf(request)).toEqual({ operation: 'GetTable' });
});

test.each([
  ['GET', '/', 'ListBuckets'],
  ['PUT', '/b', 'CreateBucket'],
  ['HEAD', '/b/', 'HeadBucket'],
  ['GET', '/b?list-type=2&prefix=x', 'ListObjectsV2'],
  ['GET', '/b?prefix=x', 'ListObjects'],
  ['POST', '/b?delete', 'DeleteObjects'],
  ['PUT', '/b/k/l?x-id=PutObject', 'PutObject'],
  ['GET', '/b/k?x-id=GetObject', 'GetObject'],
  ['HEAD', '/b/k', 'HeadObject'],
  ['DELETE', '/b/k', 'DeleteObject'],
  ['POST', '/b/k?uploads', 'CreateMultipartUpload'],
  ['PUT', '/b/k?partNumber=1&uploadId=u', 'UploadPart'],
  ['POST', '/b/k?uploadId=u', 'CompleteMultipartUpload'],
  ['DELETE', '/b/k?uploadId=u', 'AbortMultipartUpload'],
])('%s %s is %s on S3', (method, url, operation) => {
  expect(operationOf({ method, url, headers: {} })).toEqual({ service: 's3', operation });
});

test('a put that copies is told apart', () => {
  const request = { method: 'PUT', url: '/b/k', headers: { 'x-amz-copy-source': '/b/other' } };
  expect(operationOf(request)).toEqual({ service: 's3', operation: 'CopyObject' });
});
