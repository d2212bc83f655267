import { expect, test } from '@jest/globals';
import { sqsRecord } from './sqs-record.ts';

test('a message becomes a record with lower-case names, attributes of both kinds and its queue', () => {
  const record = sqsRecord(
    {
      MessageId: 'm',
      ReceiptHandle: 'r',
      Body: 'b',
      MD5OfBody: '5',
      Attributes: { MessageGroupId: 'g', ApproximateReceiveCount: '2' },
      MessageAttributes: {
        seal: { DataType: 'String', StringValue: 'v1' },
        raw: { DataType: 'Binary', BinaryValue: Uint8Array.of(1) },
      },
    },
    'arn:aws:sqs:eu-west-1:000000000000:q',
  );
  expect(record).toEqual({
    messageId: 'm',
    receiptHandle: 'r',
    body: 'b',
    md5OfBody: '5',
    attributes: {
      MessageGroupId: 'g',
      ApproximateReceiveCount: '2',
      SentTimestamp: '0',
      SenderId: '',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {
      seal: { dataType: 'String', stringValue: 'v1', stringListValues: [], binaryListValues: [] },
      raw: { dataType: 'Binary', binaryValue: 'AQ==', stringListValues: [], binaryListValues: [] },
    },
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:q',
    awsRegion: 'eu-west-1',
  });
});
