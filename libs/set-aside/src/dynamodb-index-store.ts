import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient, QueryCommandInput } from '@aws-sdk/lib-dynamodb';

import type { EntryQuery, IndexStore, Reservation, SetAsideEntry, SetAsideKind } from './index-store.ts';

/** The set-aside table: `pk` and `sk`, both strings, and `expiresAt` as its TTL attribute. */
export function dynamodbIndexStore(client: DynamoDBDocumentClient, tableName: string): IndexStore {
  return {
    putIfAbsent: (entry, signal) => putIfAbsent(client, tableName, entry, signal),
    get: (kind, sk) => getEntry(client, tableName, { pk: kind, sk }),
    query: (query) => queryEntries(client, tableName, query),
    reserve: (reservation, signal) => reserve(client, tableName, reservation, signal),
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

async function reserve(
  client: DynamoDBDocumentClient,
  tableName: string,
  { budget, bytes, capBytes, expiresAt }: Reservation,
  signal?: AbortSignal,
): Promise<'reserved' | 'full'> {
  // The condition passes on a first row, so what exceeds the cap by itself is refused here.
  if (bytes > capBytes) return 'full';
  const command = new UpdateCommand({
    TableName: tableName,
    Key: { pk: budget, sk: 'usage' },
    UpdateExpression: 'ADD #bytes :bytes SET #expiresAt = :expiresAt',
    ConditionExpression: 'attribute_not_exists(#bytes) OR #bytes <= :room',
    ExpressionAttributeNames: { '#bytes': 'bytes', '#expiresAt': 'expiresAt' },
    ExpressionAttributeValues: { ':bytes': bytes, ':room': capBytes - bytes, ':expiresAt': expiresAt },
  });
  return (await holds(() => client.send(command, abortable(signal)))) ? 'reserved' : 'full';
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
