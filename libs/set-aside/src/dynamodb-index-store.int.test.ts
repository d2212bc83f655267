import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { GetCommand } from '@aws-sdk/lib-dynamodb';

import { dynamodbIndexStore } from './dynamodb-index-store.ts';
import { startTables } from './dynamodb-test-tables.ts';
import type { TableServer } from './dynamodb-test-tables.ts';
import { dynamodbReviewStore } from './dynamodb-review-store.ts';
import { indexStoreContract } from './index-store-contract.ts';
import { reviewStoreContract } from './review-store-contract.ts';

let tables: TableServer;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.stop());

async function openTable(): Promise<string> {
  const name = `set-aside-${randomUUID()}`;
  await tables.createTable(name);
  return name;
}

indexStoreContract('DynamoDB', async () => dynamodbIndexStore(tables.client, await openTable()));
reviewStoreContract('DynamoDB', async () => dynamodbReviewStore(tables.client, await openTable()));

test('a budget row bears the TTL attribute, so that it goes by itself', async () => {
  const tableName = await openTable();
  const store = dynamodbIndexStore(tables.client, tableName);
  const request = { budget: 'usage#main#2026-11-20', key: 'one', bytes: 7 };
  await store.reserve({ ...request, capBytes: 10, expiresAt: 1_795_000_000 });
  const row = await tables.client.send(
    new GetCommand({ TableName: tableName, Key: { pk: 'usage#main#2026-11-20', sk: 'usage' } }),
  );
  expect(row.Item).toMatchObject({ bytes: 7, expiresAt: 1_795_000_000 });
});

test('a budget row remembers a key only until it is settled, so that it stays small', async () => {
  const tableName = await openTable();
  const store = dynamodbIndexStore(tables.client, tableName);
  const budget = 'usage#main#2026-11-20';
  const key = 'quarantine/main/'.padEnd(1_000, 'x');
  const row = async () =>
    (await tables.client.send(new GetCommand({ TableName: tableName, Key: { pk: budget, sk: 'usage' } })))
      .Item;

  await store.reserve({ budget, key, bytes: 7, capBytes: 10, expiresAt: 1_795_000_000 });
  expect((await row())?.['unsettled']).toEqual(new Set([expect.stringMatching(/^[\w-]{22}$/)]));
  await store.settle({ budget, key });
  expect(await row()).toEqual({ pk: budget, sk: 'usage', bytes: 7, expiresAt: 1_795_000_000 });
});

test('settling in a budget whose row has gone makes no row, which would never expire', async () => {
  const tableName = await openTable();
  await dynamodbIndexStore(tables.client, tableName).settle({ budget: 'usage#main#d', key: 'one' });
  const row = await tables.client.send(
    new GetCommand({ TableName: tableName, Key: { pk: 'usage#main#d', sk: 'usage' } }),
  );
  expect(row.Item).toBeUndefined();
});

test('a table that is not there is an error and not an empty index', async () => {
  const store = dynamodbIndexStore(tables.client, 'no-such-table');
  await expect(
    store.query({ kind: 'dead', expiresAfter: 0, limit: 1, order: 'newest-first' }),
  ).rejects.toThrow();
});
