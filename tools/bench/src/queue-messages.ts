import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { recordOf } from './sqs-record.ts';

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
    records.push(...Messages.map(received));
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
  return records;
}

function received({ MessageId = '', ReceiptHandle = '', Body = '', ...message }: Message): SQSRecord {
  const attributes = Object.entries(message.MessageAttributes ?? {}).map(
    ([name, { StringValue = '', DataType = 'String' }]) =>
      [name, { stringValue: StringValue, dataType: DataType as 'String' }] as const,
  );
  const record = recordOf(Body);
  return {
    ...record,
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    attributes: { ...record.attributes, ...message.Attributes },
    messageAttributes: Object.fromEntries(attributes),
    md5OfBody: message.MD5OfBody ?? '',
  };
}
