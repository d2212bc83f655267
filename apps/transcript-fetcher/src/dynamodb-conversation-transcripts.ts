import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { ConversationTranscripts } from './add-transcript-key.ts';

/** The transcripts of the conversations table, whose items the processor makes and replaces at the revision it read. */
export function dynamodbConversationTranscripts(
  client: DynamoDBDocumentClient,
  TableName: string,
): ConversationTranscripts {
  return {
    readTranscripts: async (conversationId) => {
      const { Item } = await client.send(
        new GetCommand({
          TableName,
          Key: { conversationId },
          ConsistentRead: true,
          ProjectionExpression: 'transcripts, revision',
        }),
      );
      if (Item === undefined) return undefined;
      const { transcripts, revision } = Item;
      if (!isTexts(transcripts) || typeof revision !== 'number')
        throw new Error('the conversations table holds an item that is not one of ours');
      return { transcripts, revision };
    },

    writeTranscripts: async (conversationId, { transcripts, revision }) => {
      try {
        await client.send(
          new UpdateCommand({
            TableName,
            Key: { conversationId },
            UpdateExpression: 'SET transcripts = :transcripts, revision = :next',
            ConditionExpression: 'revision = :read',
            ExpressionAttributeValues: {
              ':transcripts': transcripts,
              ':next': revision + 1,
              ':read': revision,
            },
          }),
        );
        return 'written';
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return 'moved-on';
        throw error;
      }
    },
  };
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');
