import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newRun } from './backfill-run.ts';
import { dynamodbRunsStore } from './dynamodb-runs-store.ts';
import { type DynamodbTestServer, startDynamodb } from './dynamodb-test-server.ts';
import { someRequest } from './memory-stage.ts';
import { runsStoreContract } from './runs-store-contract.ts';

const TABLE = 'backfill';
let server: DynamodbTestServer;
beforeAll(async () => {
  server = await startDynamodb();
  await server.createTable(TABLE, 'run');
});
afterAll(() => server.close());

const store = () => dynamodbRunsStore(server.documents, TABLE);
const item = async (run: string) =>
  (await server.documents.send(new GetCommand({ TableName: TABLE, Key: { run } }))).Item;

runsStoreContract('the runs on dynalite', async () => ({
  store: store(),
  dayOf: (date) => item(`completeness#backfill#${date}`),
}));

test('a write whose answer was lost, and which the SDK repeats, is no loss of the run', async () => {
  const run = { ...newRun(someRequest({ request: 'repeated' }), new Date()), owner: 'me' };
  await store().write(run);
  expect(await store().write(run)).toBe('written');
  expect(await store().write({ ...run, owner: 'you' })).toBe('moved-on');
});

test('a day names the sources that were gone through, each once', async () => {
  const counts = { seen: 0, withOutcome: 0, sent: 0, withoutMetrics: 0, failed: 0 };
  for (const source of ['acme', 'backfill', 'acme'])
    await store().putCompleteness({
      source,
      date: '2026-11-19',
      counts,
      percent: 100,
      isProvisional: false,
      missingPages: [],
      request: 'r-1',
      updatedAt: '2026-11-20T00:00:00.000Z',
      expiresAt: 1_800_000_000,
    });
  expect(await item('day#2026-11-19')).toEqual({
    run: 'day#2026-11-19',
    sources: new Set(['acme', 'backfill']),
    expiresAt: 1_800_000_000,
  });
  expect(await item('completeness#acme#2026-11-19')).toMatchObject({ source: 'acme', percent: 100 });
});

test('an item that is no run is refused', async () => {
  await server.documents.send(new PutCommand({ TableName: TABLE, Item: { run: 'run#strange' } }));
  await expect(store().read('strange')).rejects.toThrow('not one of ours');
});
