import { DeleteCommand, type DynamoDBDocumentClient, PutCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import { readTranscriptRequest, sha256, type TranscriptRequest } from '@aftercall/schemas';
import { dayOf, type MissingTranscripts } from './missing-transcripts.ts';

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html sort keys */
const MAX_KEY_BYTES = 1_024;

/** The table with partition key `day`, sort key `id` and TTL attribute `expiresAt`. */
export function dynamodbMissingTranscripts(
  client: DynamoDBDocumentClient,
  TableName: string,
): MissingTranscripts {
  return {
    putMissing: async (request, expiresAt) => {
      const { notBefore: _notBefore, ...noted } = request;
      const Item = {
        ...keyOf(request),
        ...noted,
        expiresAt: Math.ceil(expiresAt.getTime() / 1000),
      };
      await client.send(new PutCommand({ TableName, Item }));
    },
    removeMissing: async (request) => {
      await client.send(new DeleteCommand({ TableName, Key: keyOf(request) }));
    },
    missingOf: async function* (day) {
      const pages = paginateQuery(
        { client },
        {
          TableName,
          ConsistentRead: true,
          KeyConditionExpression: '#day = :day',
          ExpressionAttributeNames: { '#day': 'day' },
          ExpressionAttributeValues: { ':day': day },
        },
      );
      for await (const { Items: items = [] } of pages) yield items.map(requestOf);
    },
  };
}

/** Escaped, so that no org can name another org's transcripts. */
function keyOf({ org, conversationId, communicationId = '-', requestedAt }: TranscriptRequest) {
  const id = [org, conversationId, communicationId].map(encodeURIComponent).join('/');
  return { day: dayOf(new Date(requestedAt)), id: id.length > MAX_KEY_BYTES ? sha256(id) : id };
}

/** A row is a request like those in the queue, and is checked like them. */
function requestOf({
  day: _day,
  id: _id,
  expiresAt: _expiresAt,
  ...transcript
}: Record<string, unknown>): TranscriptRequest {
  const read = readTranscriptRequest(JSON.stringify({ transcript }), new Date(0));
  if (read.outcome !== 'request')
    throw new Error('the transcripts table holds a row that is not one of ours: repair or delete it');
  return read.request;
}
