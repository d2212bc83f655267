import { BatchGetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ledgerKey } from '@aftercall/idempotency';
import type { SliceDeps } from './work-slice.ts';

export interface OutcomeTables {
  readonly conversationsTable: string;
  readonly ledgerTable: string;
  /** Whose conversations are keyed by their bare id. */
  readonly defaultOrg: string;
}

/** What BatchGetItem takes. */
const KEYS_AT_ONCE = 100;
/** Keys that a call left over are asked for again; DynamoDB leaves some when it is throttled. */
const MAX_ROUNDS = 5;
/** Fields of a conversation item that only an outcome sets, by the guard that setting them leaves. */
const OUTCOME_GUARDS = ['sentimentScore', 'violationCount'];

/** What the processor's tables know: which conversations have an outcome, and which events are done. */
export function dynamodbRecordedOutcomes(
  client: DynamoDBDocumentClient,
  { conversationsTable, ledgerTable, defaultOrg }: OutcomeTables,
): Pick<SliceDeps, 'conversationsWithOutcome' | 'knownEvents'> {
  return {
    conversationsWithOutcome: async (org, conversationIds) => {
      const byKey = new Map(conversationIds.map((id) => [org === defaultOrg ? id : `${org}/${id}`, id]));
      const items = await itemsOf(client, {
        table: conversationsTable,
        keyName: 'conversationId',
        keys: [...byKey.keys()],
        fields: ['conversationId', 'guards'],
      });
      const recorded = items
        .filter(hasOutcome)
        .map(({ conversationId }) => byKey.get(String(conversationId)));
      return new Set(recorded.filter((id) => id !== undefined));
    },
    knownEvents: async (org, eventIds) => {
      const keyOf = (eventId: string) => ledgerKey({ consumer: 'processor', org, eventId });
      const byKey = new Map(eventIds.map((eventId) => [keyOf(eventId), eventId]));
      const items = await itemsOf(client, {
        table: ledgerTable,
        keyName: 'pk',
        keys: [...byKey.keys()],
        fields: ['pk', 'status'],
      });
      // One that is being worked on may fail yet; sent again, it is still one event.
      const done = items.filter(({ status }) => status === 'COMPLETED');
      const known = done.map(({ pk }) => byKey.get(String(pk)));
      return new Set(known.filter((eventId) => eventId !== undefined));
    },
  };
}

/**
 * Conversation events make an item too. An outcome that said neither a sentiment nor a word on violations leaves no
 * guard: then Genesys Cloud is asked for what is lacking.
 */
function hasOutcome({ guards }: Item): boolean {
  if (typeof guards !== 'object' || guards === null) return false;
  return OUTCOME_GUARDS.some((field) => field in guards);
}

type Item = Readonly<Record<string, unknown>>;

interface Wanted {
  readonly table: string;
  readonly keyName: string;
  readonly keys: readonly string[];
  readonly fields: readonly string[];
}

async function itemsOf(client: DynamoDBDocumentClient, wanted: Wanted): Promise<readonly Item[]> {
  const items: Item[] = [];
  for (let at = 0; at < wanted.keys.length; at += KEYS_AT_ONCE)
    items.push(...(await someItems(client, { ...wanted, keys: wanted.keys.slice(at, at + KEYS_AT_ONCE) })));
  return items;
}

async function someItems(
  client: DynamoDBDocumentClient,
  { table, keyName, keys, fields }: Wanted,
): Promise<readonly Item[]> {
  const names = Object.fromEntries(fields.map((field, index) => [`#${index}`, field]));
  const request = {
    ProjectionExpression: Object.keys(names).join(', '),
    ExpressionAttributeNames: names,
    ConsistentRead: true,
  };
  const items: Item[] = [];
  let left: Record<string, unknown>[] = keys.map((key) => ({ [keyName]: key }));
  for (let round = 1; left.length > 0; round += 1) {
    if (round > MAX_ROUNDS) throw throttled(table);
    const answer = await client.send(
      new BatchGetCommand({ RequestItems: { [table]: { ...request, Keys: left } } }),
    );
    items.push(...(answer.Responses?.[table] ?? []));
    left = answer.UnprocessedKeys?.[table]?.Keys ?? [];
  }
  return items;
}

/** As DynamoDB calls it itself where it refuses a call as a whole. */
const throttled = (table: string): Error =>
  Object.assign(new Error(`keys of ${table} were left over each time`), {
    name: 'ProvisionedThroughputExceededException',
  });
