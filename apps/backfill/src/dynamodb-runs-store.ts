import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { BackfillRun } from './backfill-run.ts';
import type { Completeness, RunsStore } from './runs-store.ts';

interface Table {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}

/**
 * The backfill table, partition key `run`, TTL attribute `expiresAt`: `run#{request}`, `completeness#{source}#{date}`,
 * `day#{date}` with the sources that have one, and pages of missing conversations under the keys that those name.
 *
 * @param client must leave out undefined values
 */
export function dynamodbRunsStore(client: DynamoDBDocumentClient, tableName: string): RunsStore {
  const table = { client, tableName };
  const put = async (run: string, fields: object) => {
    await client.send(new PutCommand({ TableName: tableName, Item: { ...fields, run } }));
  };
  return {
    read: (request) => read(table, request),
    write: (run) => write(table, run),
    putParts: (parts) => put(runKey(parts.request), parts),
    putMissingPage: ({ key, ...page }) => put(key, page),
    putCompleteness: async (made) => {
      await putDay(table, made);
      await nameSource(table, made);
    },
  };
}

const runKey = (request: string): string => `run#${request}`;

async function read({ client, tableName }: Table, request: string): Promise<BackfillRun | undefined> {
  const Key = { run: runKey(request) };
  const { Item } = await client.send(new GetCommand({ TableName: tableName, Key, ConsistentRead: true }));
  if (Item === undefined) return undefined;
  const { run: _run, ...fields } = Item;
  if (!isRun(fields)) throw new Error('the backfill table holds a run that is not one of ours');
  return fields;
}

async function write(table: Table, run: BackfillRun): Promise<'written' | 'moved-on'> {
  const next = run.revision + 1;
  try {
    await table.client.send(
      new PutCommand({
        TableName: table.tableName,
        Item: { ...run, run: runKey(run.request), revision: next },
        ConditionExpression: run.revision === 0 ? 'attribute_not_exists(revision)' : 'revision = :read',
        ...(run.revision > 0 && { ExpressionAttributeValues: { ':read': run.revision } }),
      }),
    );
    return 'written';
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    // The SDK repeats a write whose answer was lost; the repetition then fails on what the first one wrote.
    const standing = await read(table, run.request);
    const isOurs = standing?.owner === run.owner && standing.revision === next;
    return isOurs ? 'written' : 'moved-on';
  }
}

/** What a job found out when the data lake had it all is not replaced by what the query knows so far. */
async function putDay({ client, tableName }: Table, made: Completeness): Promise<void> {
  const Item = { ...made, run: `completeness#${made.source}#${made.date}` };
  const unlessFinal = {
    ConditionExpression: 'attribute_not_exists(isProvisional) OR isProvisional = :provisional',
    ExpressionAttributeValues: { ':provisional': true },
  };
  try {
    await client.send(new PutCommand({ TableName: tableName, Item, ...(made.isProvisional && unlessFinal) }));
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

/** Lets a day's sources be found without knowing the stage's configuration. */
async function nameSource(
  { client, tableName }: Table,
  { source, date, expiresAt }: { source: string; date: string; expiresAt: number },
): Promise<void> {
  await client.send(
    new UpdateCommand({
      TableName: tableName,
      Key: { run: `day#${date}` },
      UpdateExpression: 'ADD sources :source SET expiresAt = :expiresAt',
      ExpressionAttributeValues: { ':source': new Set([source]), ':expiresAt': expiresAt },
    }),
  );
}

const isRun = (item: Record<string, unknown>): item is Record<string, unknown> & BackfillRun =>
  typeof item['request'] === 'string' &&
  typeof item['source'] === 'string' &&
  typeof item['owner'] === 'string' &&
  typeof item['leaseUntil'] === 'number' &&
  typeof item['revision'] === 'number' &&
  typeof item['window'] === 'object' &&
  typeof item['finished'] === 'object';
