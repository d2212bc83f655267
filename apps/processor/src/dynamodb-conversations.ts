import type { AwsCall } from '@aftercall/aws-json';
import DataLoader from 'dataloader';
import type { Conversation } from './merge-conversation.ts';
import type { RecordDeps, Revised } from './record-event.ts';

/** Long enough for the messages of a batch that are worked on side by side. */
const GATHER_MILLIS = 5;
/** What BatchGetItem takes. */
const MAX_KEYS = 100;

/** DynamoDB answered a part of the keys only, as it does when it is throttled: again later. */
class UnprocessedKeysError extends Error {
  override readonly name = 'ThrottlingException';
}

/**
 * The conversations table: one item a conversation, replaced only at the revision it was read at. What is read at about
 * the same time shares a call.
 */
export function dynamodbConversations(
  call: AwsCall,
  tableName: string,
): Pick<RecordDeps, 'readConversation' | 'writeConversation'> {
  const loader = new DataLoader<string, Item | undefined>((keys) => itemsOf(call, tableName, keys), {
    cache: false,
    maxBatchSize: MAX_KEYS,
    batchScheduleFn: (read) => setTimeout(read, GATHER_MILLIS),
  });
  return {
    readConversation: async (key) => revised(await loader.load(key)),

    writeConversation: async (conversation, readRevision) => {
      const unchanged = {
        ConditionExpression: readRevision === 0 ? 'attribute_not_exists(conversationId)' : 'revision = :read',
        ...(readRevision > 0 && { ExpressionAttributeValues: { ':read': readRevision } }),
      };
      const Item = { ...conversation, revision: readRevision + 1 };
      try {
        await call('PutItem', { TableName: tableName, Item, ...unchanged });
        return 'written';
      } catch (error) {
        if (Error.isError(error) && error.name === 'ConditionalCheckFailedException') return 'moved-on';
        throw error;
      }
    },
  };
}

type Item = Record<string, unknown>;

interface BatchGetItemOutput {
  readonly Responses?: Readonly<Record<string, readonly Item[]>>;
  readonly UnprocessedKeys?: Readonly<Record<string, { readonly Keys?: readonly Item[] }>>;
}

async function itemsOf(
  call: AwsCall,
  tableName: string,
  keys: readonly string[],
): Promise<(Item | undefined | Error)[]> {
  const Keys = [...new Set(keys)].map((conversationId) => ({ conversationId }));
  const { Responses = {}, UnprocessedKeys = {} }: BatchGetItemOutput = await call('BatchGetItem', {
    RequestItems: { [tableName]: { Keys, ConsistentRead: true } },
  });
  const items = new Map(Responses[tableName]?.map((item) => [item['conversationId'], item]));
  const left = new Set(UnprocessedKeys[tableName]?.Keys?.map((key) => key['conversationId']));
  return keys.map((key) =>
    left.has(key) ? new UnprocessedKeysError('the table did not get to it') : items.get(key),
  );
}

function revised(item: Item | undefined): Revised {
  if (item === undefined) return { conversation: undefined, revision: 0 };
  const { revision, ...conversation } = item;
  if (typeof revision !== 'number' || !isConversation(conversation)) {
    throw new Error('the conversations table holds an item that is not one of ours');
  }
  return { conversation, revision };
}

const isConversation = (item: Record<string, unknown>): item is Record<string, unknown> & Conversation =>
  typeof item['conversationId'] === 'string' &&
  typeof item['guards'] === 'object' &&
  typeof item['agentsSeen'] === 'object' &&
  Array.isArray(item['agentIds']);
