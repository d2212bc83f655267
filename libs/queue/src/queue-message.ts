import type { SQSRecord } from 'aws-lambda';

/** One message as its consumer sees it. */
export interface QueueMessage {
  readonly messageId: string;
  readonly body: string;
  /** Absent on a standard queue. */
  readonly groupId: string | undefined;
  /** SQS's place of the message in its group: digits of one length. Absent on a standard queue. */
  readonly sequence?: string;
  /** The HMAC that our own functions put on what they send; its absence is the consumer's to judge. */
  readonly seal: string | undefined;
  /** The replay that sent it; absent on an event's first sending. */
  readonly replayRun?: string;
  /** The message attributes of type String, the seal among them. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly sentAt: Date;
  /** How often SQS handed the message out, this time included; no count of attempts. */
  readonly receiveCount: number;
  readonly receiptHandle: string;
}

/** Reads a message from the record in which Lambda hands it over. */
export function queueMessage({ messageId, body, receiptHandle, ...record }: SQSRecord): QueueMessage {
  const attributes = stringAttributes(record.messageAttributes);
  return {
    messageId,
    body,
    groupId: record.attributes.MessageGroupId,
    ...(record.attributes.SequenceNumber !== undefined && { sequence: record.attributes.SequenceNumber }),
    seal: attributes.seal,
    ...(attributes.replayrun !== undefined && { replayRun: attributes.replayrun }),
    attributes,
    sentAt: new Date(Number(record.attributes.SentTimestamp)),
    receiveCount: Number(record.attributes.ApproximateReceiveCount),
    receiptHandle,
  };
}

function stringAttributes(attributes: SQSRecord['messageAttributes']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, { dataType, stringValue }]) =>
      dataType === 'String' && stringValue !== undefined ? [[name, stringValue]] : [],
    ),
  );
}
