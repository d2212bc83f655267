import type { AwsCall } from '@aftercall/aws-json';
import { parseLedgerRecord, type LedgerRecord } from './ledger-record.ts';
import type { Completion, LedgerStore, Release } from './ledger-store.ts';

interface Table {
  readonly call: AwsCall;
  readonly tableName: string;
}

/** `owner` and `status` are reserved words of DynamoDB's expressions. */
const NAMES = { '#owner': 'owner', '#status': 'status' } as const;
const OWNED_IN_PROGRESS = '#owner = :owner AND #status = :inProgress';

/**
 * The ledger in a DynamoDB table with the partition key `pk` and the TTL attribute `expiresAt`.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html ReturnValuesOnConditionCheckFailure
 */
export function dynamodbLedgerStore(call: AwsCall, tableName: string): LedgerStore {
  const table = { call, tableName };
  return {
    insert: (record, nowEpochSeconds) => insert(table, record, nowEpochSeconds),
    takeOver: (record, previousOwner) => takeOver(table, record, previousOwner),
    complete: (pk, owner, completion) => complete(table, { pk, owner, completion }),
    release: (pk, owner, release) => releaseRecord(table, { pk, owner, release }),
    remove: (pk, nowEpochSeconds) => remove(table, pk, nowEpochSeconds),
  };
}

async function insert(table: Table, record: LedgerRecord, nowEpochSeconds: number) {
  const written = await unlessRefused(() =>
    table.call('PutItem', {
      TableName: table.tableName,
      Item: record,
      ConditionExpression: 'attribute_not_exists(pk) OR expiresAt <= :now',
      ExpressionAttributeValues: { ':now': nowEpochSeconds },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }),
  );
  if (written.outcome === 'written') return undefined;

  const live = await recordBehind(table, record.pk, written.refusal);
  if (!live) throw new Error('the ledger record went between write and read: claim the event again');
  return live;
}

async function takeOver(table: Table, record: LedgerRecord, previousOwner: string): Promise<boolean> {
  const written = await unlessRefused(() =>
    table.call('PutItem', {
      TableName: table.tableName,
      Item: record,
      ConditionExpression: OWNED_IN_PROGRESS,
      ExpressionAttributeNames: NAMES,
      ExpressionAttributeValues: { ':owner': previousOwner, ':inProgress': 'IN_PROGRESS' },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }),
  );
  if (written.outcome === 'written') return true;

  // The SDK repeats a write whose answer was lost; the repetition then fails on what the first one wrote.
  return (await recordBehind(table, record.pk, written.refusal))?.owner === record.owner;
}

async function complete(
  table: Table,
  { pk, owner, completion }: { pk: string; owner: string; completion: Completion },
): Promise<boolean> {
  const written = await unlessRefused(() =>
    table.call('UpdateItem', {
      TableName: table.tableName,
      Key: { pk },
      UpdateExpression: 'SET #status = :completed, completedAt = :completedAt, expiresAt = :expiresAt',
      ConditionExpression: OWNED_IN_PROGRESS,
      ExpressionAttributeNames: NAMES,
      ExpressionAttributeValues: {
        ':owner': owner,
        ':inProgress': 'IN_PROGRESS',
        ':completed': 'COMPLETED',
        ':completedAt': completion.completedAt,
        ':expiresAt': completion.expiresAt,
      },
    }),
  );
  return written.outcome === 'written';
}

async function releaseRecord(
  table: Table,
  { pk, owner, release }: { pk: string; owner: string; release: Release },
): Promise<boolean> {
  const written = await unlessRefused(() =>
    table.call('UpdateItem', {
      TableName: table.tableName,
      Key: { pk },
      UpdateExpression: 'SET #owner = :nextOwner, leaseUntil = :leaseUntil, attempts = :attempts',
      ConditionExpression: OWNED_IN_PROGRESS,
      ExpressionAttributeNames: NAMES,
      ExpressionAttributeValues: {
        ':owner': owner,
        ':inProgress': 'IN_PROGRESS',
        ':nextOwner': release.owner,
        ':leaseUntil': release.leaseUntil,
        ':attempts': release.attempts,
      },
    }),
  );
  return written.outcome === 'written';
}

async function remove({ call, tableName }: Table, pk: string, nowEpochSeconds: number): Promise<boolean> {
  const written = await unlessRefused(() =>
    call('DeleteItem', {
      TableName: tableName,
      Key: { pk },
      ConditionExpression: 'attribute_not_exists(pk) OR #status = :completed OR leaseUntil <= :now',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':completed': 'COMPLETED', ':now': nowEpochSeconds },
    }),
  );
  return written.outcome === 'written';
}

interface GetItemOutput {
  readonly Item?: Readonly<Record<string, unknown>>;
}

/** A condition that did not hold. */
interface Refusal extends Error {
  /** Its values typed, as DynamoDB has them. */
  readonly Item?: Readonly<Record<string, { readonly S?: string; readonly N?: string }>>;
}

const isRefusal = (error: unknown): error is Refusal =>
  error instanceof Error && error.name === 'ConditionalCheckFailedException';

type WriteResult =
  | { readonly outcome: 'written' }
  | { readonly outcome: 'refused'; readonly refusal: Refusal };

async function unlessRefused(write: () => Promise<unknown>): Promise<WriteResult> {
  try {
    await write();
    return { outcome: 'written' };
  } catch (error) {
    if (isRefusal(error)) return { outcome: 'refused', refusal: error };
    throw error;
  }
}

/** The record that a condition failed on: from the refusal itself, or read where the server does not send it along. */
async function recordBehind(
  { call, tableName }: Table,
  pk: string,
  refusal: Refusal,
): Promise<LedgerRecord | undefined> {
  if (refusal.Item) return parseLedgerRecord(plainItem(refusal.Item));
  const { Item: item }: GetItemOutput = await call('GetItem', {
    TableName: tableName,
    Key: { pk },
    ConsistentRead: true,
  });
  return item && parseLedgerRecord(item);
}

/** What comes with an error is not translated; a ledger record holds only strings and numbers. */
function plainItem(item: NonNullable<Refusal['Item']>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(item).map(([name, { S, N }]) => [name, N === undefined ? S : Number(N)]),
  );
}
