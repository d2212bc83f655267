import { randomUUID } from 'node:crypto';
import type { SQSEvent, SQSRecord } from 'aws-lambda';

/** A batch as Lambda hands it to a function. */
export const sqsEvent = (...Records: readonly SQSRecord[]): SQSEvent => ({ Records: [...Records] });

/** What a message of this body is in a batch. */
export const recordOf = (body: string): SQSRecord => ({
  messageId: randomUUID(),
  receiptHandle: 'bench',
  body,
  attributes: {
    ApproximateReceiveCount: '1',
    ApproximateFirstReceiveTimestamp: String(Date.now()),
    SenderId: 'bench',
    SentTimestamp: String(Date.now()),
  },
  messageAttributes: {},
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:bench',
  awsRegion: 'eu-west-1',
});

/** The same, as it comes on the dead-letter queue of that name. */
export const givenUp = (record: SQSRecord, deadLetterQueue: string): SQSRecord => ({
  ...record,
  eventSourceARN: record.eventSourceARN.replace(/[^:]+$/, deadLetterQueue),
});
