import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Conversation } from './merge-conversation.ts';
import type { RecordDeps, Revised } from './record-event.ts';

/** The conversations table: one item a conversation, replaced only at the revision it was read at. */
export function dynamodbConversations(
  client: DynamoDBDocumentClient,
  tableName: string,
): Pick<RecordDeps, 'readConversation' | 'writeConversation'> {
  return {
    readConversation: async (key) => {
      const Key = { conversationId: key };
      const { Item } = await client.send(new GetCommand({ TableName: tableName, Key, ConsistentRead: true }));
      return revised(Item);
    },

    writeConversation: async (conversation, readRevision) => {
      const unchanged = {
        ConditionExpression: readRevision === 0 ? 'attribute_not_exists(conversationId)' : 'revision = :read',
        ...(readRevision > 0 && { ExpressionAttributeValues: { ':read': readRevision } }),
      };
      const Item = { ...conversation, revision: readRevision + 1 };
      try {
        await client.send(new PutCommand({ TableName: tableName, Item, ...unchanged }));
        return 'written';
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return 'moved-on';
        throw error;
      }
    },
  };
}

function revised(item: Record<string, unknown> | undefined): Revised {
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
