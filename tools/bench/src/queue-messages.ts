import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent, SQSRecord } from 'aws-lambda';

/** The most that SQS hands out at once. */
const MAX_MESSAGES = 10;
const WAIT_SECONDS = 5;

/** Takes so many messages off a queue, in the order in which it hands them out. @throws Error when there are fewer */
export async function takeMessages(
  sqs: SQSClient,
  QueueUrl: string,
  count: number,
): Promise<readonly SQSRecord[]> {
  const records: SQSRecord[] = [];
  while (records.length < count) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: Math.min(MAX_MESSAGES, count - records.length),
        WaitTimeSeconds: WAIT_SECONDS,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
    );
    if (Messages.length === 0) throw new Error(`${QueueUrl} has ${records.length} of ${count} messages`);
    records.push(...Messages.map(recordOf));
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
  return records;
}

/** A batch as Lambda hands it to a function. */
export const sqsEvent = (...Records: readonly SQSRecord[]): SQSEvent => ({ Records: [...Records] });

function recordOf({ MessageId = '', ReceiptHandle = '', Body = '', ...message }: Message): SQSRecord {
  const attributes = Object.entries(message.MessageAttributes ?? {}).map(
    ([name, { StringValue = '', DataType = 'String' }]) =>
      [name, { stringValue: StringValue, dataType: DataType as 'String' }] as const,
  );
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: {
      ApproximateReceiveCount: '1',
      ApproximateFirstReceiveTimestamp: String(Date.now()),
      SenderId: 'bench',
      SentTimestamp: String(Date.now()),
      ...message.Attributes,
    },
    messageAttributes: Object.fromEntries(attributes),
    md5OfBody: message.MD5OfBody ?? '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:bench',
    awsRegion: 'eu-west-1',
  };
}
