import {
  ChangeMessageVisibilityBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import type { Message, SQSClient } from '@aws-sdk/client-sqs';

/** A message as it lies in a queue. */
export interface QueuedMessage {
  readonly messageId: string;
  readonly body: string;
  readonly sentAt?: string;
  readonly groupId?: string;
  /** How often it was handed out, where that is known. */
  readonly receives?: number;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What a look into a queue showed; everything is still in it. */
export interface QueueView {
  readonly messages: readonly QueuedMessage[];
  /** In the queue and not shown: behind others of their group, or in somebody's hands. */
  readonly unseen: number;
}

/** How long a message may be hidden when the command is killed before it has put it back. */
const HIDDEN_SECONDS = 20;
const MAX_MESSAGES = 1_000;
const MAX_BATCH = 10;

/**
 * Shows a dead-letter queue's messages without consuming any: each is received, which hides it for a moment, and put
 * back at once. A FIFO queue shows only the first ones of a group so, and says how many it holds in all.
 */
export async function peekQueue(client: SQSClient, queueUrl: string): Promise<QueueView> {
  const held: Message[] = [];
  try {
    while (held.length < MAX_MESSAGES) {
      const page = await receive(client, queueUrl);
      if (page.length === 0) break;
      held.push(...page);
    }
  } finally {
    await putBack(client, queueUrl, held);
  }
  const depth = await queueDepth(client, queueUrl);
  return { messages: held.map(queued), unseen: Math.max(0, depth - held.length) };
}

async function receive(client: SQSClient, queueUrl: string): Promise<readonly Message[]> {
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: MAX_BATCH,
      VisibilityTimeout: HIDDEN_SECONDS,
      // Asks every server of the queue, so that an empty answer means an empty queue.
      WaitTimeSeconds: 1,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['SentTimestamp', 'MessageGroupId'],
    }),
  );
  return Messages;
}

/** Last first, so that a group's messages are in their old order again. */
async function putBack(client: SQSClient, queueUrl: string, held: readonly Message[]): Promise<void> {
  const back = held.toReversed();
  for (let from = 0; from < back.length; from += MAX_BATCH) {
    const entries = back.slice(from, from + MAX_BATCH).map(({ ReceiptHandle }, index) => ({
      Id: String(index),
      ReceiptHandle,
      VisibilityTimeout: 0,
    }));
    await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries: entries }));
  }
}

/** How many messages a queue holds, about: waiting, in somebody's hands, or delayed. */
export async function queueDepth(client: SQSClient, queueUrl: string): Promise<number> {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl: queueUrl,
      AttributeNames: [
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed',
      ],
    }),
  );
  return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
}

function queued(message: Message): QueuedMessage {
  const { MessageId = '', Body = '', Attributes, MessageAttributes = {} } = message;
  const sentAt = Attributes?.SentTimestamp;
  const groupId = Attributes?.MessageGroupId;
  return {
    messageId: MessageId,
    body: Body,
    ...(sentAt !== undefined && { sentAt: new Date(Number(sentAt)).toISOString() }),
    ...(groupId !== undefined && { groupId }),
    attributes: Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, { StringValue = '' }]) => [name, StringValue]),
    ),
  };
}
