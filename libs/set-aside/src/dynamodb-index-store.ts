import { createHash } from 'node:crypto';

import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient, QueryCommandInput } from '@aws-sdk/lib-dynamodb';

import type {
  Charge,
  EntryQuery,
  IndexStore,
  Reservation,
  SetAsideEntry,
  SetAsideKind,
} from './index-store.ts';

/** The set-aside table: `pk` and `sk`, both strings, and `expiresAt` as its TTL attribute. */
export function dynamodbIndexStore(client: DynamoDBDocumentClient, tableName: string): IndexStore {
  return {
    putIfAbsent: (entry, signal) => putIfAbsent(client, tableName, entry, signal),
    get: (kind, sk) => getEntry(client, tableName, { pk: kind, sk }),
    query: (query) => queryEntries(client, tableName, query),
    reserve: (reservation, signal) => reserve(client, tableName, reservation, signal),
    settle: (charge, signal) => settle(client, tableName, charge, signal),
  };
}

async function putIfAbsent(
  client: DynamoDBDocumentClient,
  tableName: string,
  entry: SetAsideEntry,
  signal?: AbortSignal,
): Promise<void> {
  const { kind, ...attributes } = entry;
  const command = new PutCommand({
    TableName: tableName,
    Item: { pk: kind, ...attributes },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  await holds(() => client.send(command, abortable(signal)));
}

async function getEntry(
  client: DynamoDBDocumentClient,
  tableName: string,
  key: { pk: SetAsideKind; sk: string },
): Promise<SetAsideEntry | undefined> {
  const { Item } = await client.send(
    new GetCommand({ TableName: tableName, Key: key, ConsistentRead: true }),
  );
  return Item === undefined ? undefined : entryOf(key.pk, Item);
}

async function queryEntries(
  client: DynamoDBDocumentClient,
  tableName: string,
  query: EntryQuery,
): Promise<readonly SetAsideEntry[]> {
  const entries: SetAsideEntry[] = [];
  let startKey: QueryCommandInput['ExclusiveStartKey'];
  do {
    const page = await client.send(new QueryCommand(queryInput(tableName, query, startKey)));
    for (const item of page.Items ?? []) entries.push(entryOf(query.kind, item));
    startKey = page.LastEvaluatedKey;
  } while (startKey !== undefined && entries.length < query.limit);
  return entries.slice(0, query.limit);
}

/** Every attribute goes by a placeholder, because DynamoDB reserves words such as `reason`, `state` and `group`. */
function queryInput(
  tableName: string,
  query: EntryQuery,
  startKey: QueryCommandInput['ExclusiveStartKey'],
): QueryCommandInput {
  const { kind, id, reason, conversationId, since, expiresAfter } = query;
  const equal = Object.entries({ id, reason, conversationId }).filter(([, value]) => value !== undefined);
  return {
    TableName: tableName,
    KeyConditionExpression: `#pk = :pk${since === undefined ? '' : ' AND #sk >= :since'}`,
    FilterExpression: ['#expiresAt > :expiresAfter', ...equal.map(([name]) => `#${name} = :${name}`)].join(
      ' AND ',
    ),
    ExpressionAttributeNames: {
      '#pk': 'pk',
      '#expiresAt': 'expiresAt',
      ...(since !== undefined && { '#sk': 'sk' }),
      ...Object.fromEntries(equal.map(([name]) => [`#${name}`, name])),
    },
    ExpressionAttributeValues: {
      ':pk': kind,
      ':expiresAfter': expiresAfter,
      ...(since !== undefined && { ':since': since.toISOString() }),
      ...Object.fromEntries(equal.map(([name, value]) => [`:${name}`, value])),
    },
    ScanIndexForward: false,
    ConsistentRead: true,
    ...(startKey !== undefined && { ExclusiveStartKey: startKey }),
  };
}

/**
 * One row holds the count and the keys that took bytes but are not settled, so one conditional write changes both
 * or neither. It outgrows DynamoDB's 400 KB only when 17,000 bodies of one source and day could not be kept.
 */
async function reserve(
  client: DynamoDBDocumentClient,
  tableName: string,
  reservation: Reservation,
  signal?: AbortSignal,
): Promise<'reserved' | 'full'> {
  const { budget, key, bytes, capBytes, expiresAt } = reservation;
  // The condition passes on a first row, so what exceeds the cap by itself is refused here.
  if (bytes > capBytes) return 'full';
  const tag = tagOf(key);
  const command = new UpdateCommand({
    TableName: tableName,
    Key: budgetRow(budget),
    UpdateExpression: 'ADD #bytes :bytes, #unsettled :tags SET #expiresAt = :expiresAt',
    ConditionExpression:
      '(attribute_not_exists(#bytes) OR #bytes <= :room) AND (attribute_not_exists(#unsettled) OR NOT contains(#unsettled, :tag))',
    ExpressionAttributeNames: { '#bytes': 'bytes', '#unsettled': 'unsettled', '#expiresAt': 'expiresAt' },
    ExpressionAttributeValues: {
      ':bytes': bytes,
      ':room': capBytes - bytes,
      ':tag': tag,
      ':tags': new Set([tag]),
      ':expiresAt': expiresAt,
    },
  });
  if (await holds(() => client.send(command, abortable(signal)))) return 'reserved';
  return (await hasBytes(client, tableName, reservation, signal)) ? 'reserved' : 'full';
}

/** Why a reservation's condition failed: whether the key has its bytes already, or there is no room. */
async function hasBytes(
  client: DynamoDBDocumentClient,
  tableName: string,
  { budget, key, bytes, capBytes }: Reservation,
  signal?: AbortSignal,
): Promise<boolean> {
  const command = new GetCommand({ TableName: tableName, Key: budgetRow(budget), ConsistentRead: true });
  const { Item } = await client.send(command, abortable(signal));
  const unsettled: unknown = Item?.['unsettled'];
  if (unsettled instanceof Set && unsettled.has(tagOf(key))) return true;
  // The count never falls: with room left it was the key that failed the condition, and another put settled it since.
  return Number(Item?.['bytes']) <= capBytes - bytes;
}

async function settle(
  client: DynamoDBDocumentClient,
  tableName: string,
  { budget, key }: Charge,
  signal?: AbortSignal,
): Promise<void> {
  const command = new UpdateCommand({
    TableName: tableName,
    Key: budgetRow(budget),
    UpdateExpression: 'DELETE #unsettled :tags',
    // Without it, settling against a row whose time to live is over would make one that never expires.
    ConditionExpression: 'attribute_exists(#unsettled)',
    ExpressionAttributeNames: { '#unsettled': 'unsettled' },
    ExpressionAttributeValues: { ':tags': new Set([tagOf(key)]) },
  });
  await holds(() => client.send(command, abortable(signal)));
}

function budgetRow(budget: string): { pk: string; sk: string } {
  return { pk: budget, sk: 'usage' };
}

/** 128 bits stand for a key: keys are up to 1,024 bytes long, and a row holds 400 KB. */
function tagOf(key: string): string {
  return createHash('sha256').update(key).digest().subarray(0, 16).toString('base64url');
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

function entryOf(kind: SetAsideKind, item: Readonly<Record<string, unknown>>): SetAsideEntry {
  const text = (name: string) => requireText(item, name);
  return {
    kind,
    sk: text('sk'),
    id: text('id'),
    source: text('source'),
    reason: text('reason'),
    state: text('state'),
    key: text('key'),
    receivedTime: text('receivedTime'),
    expiresAt: Number(item['expiresAt']),
    ...optionalText(item, 'eventId'),
    ...optionalText(item, 'conversationId'),
    ...optionalText(item, 'queue'),
    ...optionalText(item, 'group'),
  };
}

function requireText(item: Readonly<Record<string, unknown>>, name: string): string {
  const value = item[name];
  if (typeof value === 'string') return value;
  throw new Error(`a row of the set-aside table has no ${name}; was it written by something else?`);
}

function optionalText(
  item: Readonly<Record<string, unknown>>,
  name: string,
): Readonly<Record<string, string>> {
  const value = item[name];
  return typeof value === 'string' ? { [name]: value } : {};
}

function abortable(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}
