import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  GetCommand,
  paginateQuery,
  PutCommand,
  UpdateCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import type { Review, ReviewState, ReviewStore } from './review-store.ts';

/** The reviews' partition of the set-aside table, beside those of the three kinds. */
const PARTITION = 'review';

/** Reviews in the set-aside table. */
export function dynamodbReviewStore(client: DynamoDBDocumentClient, tableName: string): ReviewStore {
  return {
    putIfAbsent: (review) => putIfAbsent(client, tableName, review),
    get: async (id) => {
      const command = new GetCommand({ TableName: tableName, Key: keyOf(id), ConsistentRead: true });
      const { Item } = await client.send(command);
      return Item && reviewOf(Item);
    },
    list: () => listReviews(client, tableName),
    change: (id, changes) => change(client, tableName, id, changes),
  };
}

const keyOf = (id: string) => ({ pk: PARTITION, sk: id });

async function putIfAbsent(client: DynamoDBDocumentClient, TableName: string, review: Review): Promise<void> {
  const command = new PutCommand({
    TableName,
    Item: { ...keyOf(review.id), ...review },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  await holds(() => client.send(command));
}

async function listReviews(client: DynamoDBDocumentClient, TableName: string): Promise<readonly Review[]> {
  const reviews: Review[] = [];
  const query = {
    TableName,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': PARTITION },
    ConsistentRead: true,
  };
  for await (const { Items: items = [] } of paginateQuery({ client }, query))
    reviews.push(...items.map(reviewOf));
  return reviews.toSorted((one, other) => other.requestedAt.localeCompare(one.requestedAt, 'en'));
}

/** Every attribute goes by a placeholder, because DynamoDB reserves words such as `state`. */
async function change(
  client: DynamoDBDocumentClient,
  TableName: string,
  id: string,
  changes: Parameters<ReviewStore['change']>[1],
): Promise<boolean> {
  const entries = Object.entries(changes).filter(([, value]) => value !== undefined);
  const command = new UpdateCommand({
    TableName,
    Key: keyOf(id),
    UpdateExpression: `SET ${entries.map(([name]) => `#${name} = :${name}`).join(', ')}`,
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeNames: Object.fromEntries(entries.map(([name]) => [`#${name}`, name])),
    ExpressionAttributeValues: Object.fromEntries(entries.map(([name, value]) => [`:${name}`, value])),
  });
  return holds(() => client.send(command));
}

/** Whether the write's condition held; any other failure is thrown. */
async function holds(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

const STATES: readonly ReviewState[] = ['REQUESTED', 'WAITING', 'ESCALATED', 'DONE'];
const DECISIONS = ['replay', 'discard'] as const;
const OPTIONAL_TEXTS = ['taskToken', 'decidedBy', 'cause'] as const;

function reviewOf(item: Readonly<Record<string, unknown>>): Review {
  const text = (name: string): string => {
    const value = item[name];
    if (typeof value === 'string') return value;
    throw new Error(`a review has no ${name}; was it written by something else?`);
  };
  const state = STATES.find((one) => one === item['state']);
  if (state === undefined) throw new Error('a review has no known state; was it written by something else?');
  const decision = DECISIONS.find((one) => one === item['decision']);
  const optional = OPTIONAL_TEXTS.flatMap((name) => {
    const value = item[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  return {
    id: text('id'),
    reason: text('reason'),
    since: text('since'),
    until: text('until'),
    letters: Number(item['letters']),
    state,
    requestedAt: text('requestedAt'),
    expiresAt: Number(item['expiresAt']),
    ...Object.fromEntries(optional),
    ...(decision !== undefined && { decision }),
  };
}
