import { createHash } from 'node:crypto';

import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient, QueryCommandInput } from '@aws-sdk/lib-dynamodb';

import { isSameProgress, PROGRESS } from './entry-progress.ts';
import type {
  Charge,
  EntryProgress,
  EntryQuery,
  IndexStore,
  Reservation,
  SetAsideEntry,
  SetAsideKind,
  SetAsideState,
} from './index-store.ts';

/** The set-aside table: `pk` and `sk`, both strings, and `expiresAt` as its TTL attribute. */
export function dynamodbIndexStore(client: DynamoDBDocumentClient, tableName: string): IndexStore {
  return {
    putIfAbsent: (entry, signal) => putIfAbsent(client, tableName, entry, signal),
    get: (kind, sk) => getEntry(client, tableName, { pk: kind, sk }),
    query: (query) => queryEntries(client, tableName, query),
    advance: (seen, next) => advance(client, tableName, seen, next),
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

/** A sort key begins with a time in ISO 8601: behind every one of a time, and before every later one. */
const LAST_SORT_KEY = '\u{FFFF}';

/** Every attribute goes by a placeholder, because DynamoDB reserves words such as `reason`, `state` and `group`. */
function queryInput(
  tableName: string,
  query: EntryQuery,
  startKey: QueryCommandInput['ExclusiveStartKey'],
): QueryCommandInput {
  const { kind, id, reason, conversationId, expiresAfter, order, after } = query;
  const equal = Object.entries({ id, reason, conversationId }).filter(([, value]) => value !== undefined);
  const states = (query.states ?? []).map((state, index) => [`:state${index}`, state] as const);
  const begin = startKey ?? (after === undefined ? undefined : { pk: kind, sk: after });
  return {
    TableName: tableName,
    KeyConditionExpression: '#pk = :pk AND #sk BETWEEN :from AND :to',
    FilterExpression: [
      '#expiresAt > :expiresAfter',
      ...equal.map(([name]) => `#${name} = :${name}`),
      ...(states.length > 0 ? [`#state IN (${states.map(([name]) => name).join(', ')})`] : []),
    ].join(' AND '),
    ExpressionAttributeNames: {
      '#pk': 'pk',
      '#sk': 'sk',
      '#expiresAt': 'expiresAt',
      ...Object.fromEntries(equal.map(([name]) => [`#${name}`, name])),
      ...(states.length > 0 && { '#state': 'state' }),
    },
    ExpressionAttributeValues: {
      ':pk': kind,
      ...sortKeyRange(query),
      ':expiresAfter': expiresAfter,
      ...Object.fromEntries(equal.map(([name, value]) => [`:${name}`, value])),
      ...Object.fromEntries(states),
    },
    ScanIndexForward: order === 'oldest-first',
    ConsistentRead: true,
    ...(begin !== undefined && { ExclusiveStartKey: begin }),
  };
}

/** `BETWEEN` takes its end in, but a sort key is always longer than the time that it begins with. */
const sortKeyRange = ({ since, until }: EntryQuery) => ({
  ':from': since?.toISOString() ?? '0',
  ':to': until?.toISOString() ?? LAST_SORT_KEY,
});

async function advance(
  client: DynamoDBDocumentClient,
  tableName: string,
  seen: SetAsideEntry,
  next: EntryProgress,
): Promise<boolean> {
  const set = PROGRESS.filter((name) => next[name] !== undefined);
  const remove = PROGRESS.filter((name) => next[name] === undefined);
  const command = new UpdateCommand({
    TableName: tableName,
    Key: { pk: seen.kind, sk: seen.sk },
    UpdateExpression: `SET ${set.map((name) => `#${name} = :${name}`).join(', ')}${
      remove.length === 0 ? '' : ` REMOVE ${remove.map((name) => `#${name}`).join(', ')}`
    }`,
    ConditionExpression: PROGRESS.map((name) =>
      seen[name] === undefined ? `attribute_not_exists(#${name})` : `#${name} = :seen_${name}`,
    ).join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(PROGRESS.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: {
      ...Object.fromEntries(set.map((name) => [`:${name}`, next[name]])),
      ...Object.fromEntries(
        PROGRESS.filter((name) => seen[name] !== undefined).map((name) => [`:seen_${name}`, seen[name]]),
      ),
    },
  });
  if (await holds(() => client.send(command))) return true;
  // The SDK repeats a write whose answer was lost; the repetition then fails on what the first one wrote.
  const there = await getEntry(client, tableName, { pk: seen.kind, sk: seen.sk });
  return there !== undefined && isSameProgress(there, next);
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

const OPTIONAL_TEXTS = [
  'eventId',
  'conversationId',
  'queue',
  'group',
  'sequence',
  'detail',
  'function',
  'failedAt',
  'run',
  'decidedBy',
  'decidedAt',
  'decision',
] as const;
const OPTIONAL_NUMBERS = ['attempts', 'leaseUntil'] as const;
const STATES: readonly SetAsideState[] = ['OPEN', 'REPLAYING', 'DONE'];
const OUTCOMES = ['replayed', 'discarded'] as const;

function entryOf(kind: SetAsideKind, item: Readonly<Record<string, unknown>>): SetAsideEntry {
  const text = (name: string) => requireText(item, name);
  const state = STATES.find((one) => one === item['state']);
  if (state === undefined) throw foreignRow('state');
  const outcome = OUTCOMES.find((one) => one === item['outcome']);
  return {
    kind,
    sk: text('sk'),
    id: text('id'),
    source: text('source'),
    reason: text('reason'),
    state,
    key: text('key'),
    receivedTime: text('receivedTime'),
    expiresAt: Number(item['expiresAt']),
    ...optionalTexts(item),
    ...optionalNumbers(item),
    ...(outcome !== undefined && { outcome }),
  };
}

function requireText(item: Readonly<Record<string, unknown>>, name: string): string {
  const value = item[name];
  if (typeof value === 'string') return value;
  throw foreignRow(name);
}

const foreignRow = (name: string): Error =>
  new Error(`a row of the set-aside table has no valid ${name}; was it written by something else?`);

function optionalTexts(item: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const texts = OPTIONAL_TEXTS.flatMap((name) => {
    const value = item[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  return Object.fromEntries(texts);
}

function optionalNumbers(item: Readonly<Record<string, unknown>>): Readonly<Record<string, number>> {
  const numbers = OPTIONAL_NUMBERS.flatMap((name) => {
    const value = item[name];
    return typeof value === 'number' ? [[name, value] as const] : [];
  });
  return Object.fromEntries(numbers);
}

function abortable(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}
