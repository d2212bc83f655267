import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { GetCommand } from '@aws-sdk/lib-dynamodb';

import { dynamodbIndexStore } from './dynamodb-index-store.ts';
import { startTables } from './dynamodb-start-tables-contract.ts';
import type { TableServer } from './dynamodb-start-tables-contract.ts';
import { indexStoreContract } from './index-store-contract.ts';

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

test('a budget row bears the TTL attribute, so that it goes by itself', async () => {
  const tableName = await openTable();
  const store = dynamodbIndexStore(tables.client, tableName);
  await store.reserve({ budget: 'usage#main#2026-11-20', bytes: 7, capBytes: 10, expiresAt: 1_795_000_000 });
  const row = await tables.client.send(
    new GetCommand({ TableName: tableName, Key: { pk: 'usage#main#2026-11-20', sk: 'usage' } }),
  );
  expect(row.Item).toMatchObject({ bytes: 7, expiresAt: 1_795_000_000 });
});

test('a table that is not there is an error and not an empty index', async () => {
  const store = dynamodbIndexStore(tables.client, 'no-such-table');
  await expect(store.query({ kind: 'dead', expiresAfter: 0, limit: 1 })).rejects.toThrow();
});
