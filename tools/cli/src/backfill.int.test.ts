import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import dynalite from 'dynalite';
import { startFauxqs } from 'fauxqs';
import type { FauxqsServer } from 'fauxqs';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandLineIn } from './test-command-line.ts';

const directory = mkdtempSync(join(tmpdir(), 'aftercall-cli-'));
const aftercall = commandLineIn(directory);
const database = dynalite({ createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 });
const access = { region: 'eu-west-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
const TABLE = 'backfill';
let queues: FauxqsServer;
let documents: DynamoDBDocumentClient;

beforeAll(async () => {
  queues = await startFauxqs({ port: 0, logger: false });
  database.listen(0, '127.0.0.1');
  await once(database, 'listening');
  const url = `http://127.0.0.1:${queues.port}`;
  const dynamodb = `http://127.0.0.1:${(database.address() as AddressInfo).port}`;
  documents = DynamoDBDocumentClient.from(new DynamoDBClient({ ...access, endpoint: dynamodb }));
  await documents.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'run', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'run', KeyType: 'HASH' }],
    }),
  );
  queues.createQueue('backfill', { region: access.region });
  mkdirSync(join(directory, '.aftercall'));
  const queueUrls = { backfill: `${url}/000000000000/backfill` };
  const local = {
    ...{ http: url, pid: 1, control: url, sources: [] },
    aws: {
      ...{ region: 'eu-west-1', accessKeyId: 'local', secretAccessKey: 'local' },
      endpoints: { sqs: url, s3: url, dynamodb, secretsmanager: url, events: url, ssm: url, sfn: url },
    },
    resources: { backfillTable: TABLE, queueUrls, deadLetterQueueUrls: {} },
  };
  writeFileSync(join(directory, '.aftercall', 'local.json'), JSON.stringify(local));
});
afterAll(async () => {
  documents.destroy();
  database.close();
  await queues.stop();
  rmSync(directory, { recursive: true });
});
const put = (item: object) => documents.send(new PutCommand({ TableName: TABLE, Item: item as never }));
const NOTHING = { seen: 0, withOutcome: 0, sent: 0, withoutMetrics: 0, failed: 0 };

const asked = () => queues.inspectQueue('backfill')?.messages.ready ?? [];

/** What the backfill writes down of a day. */
async function putDay(date: string, source: string, counts: Partial<typeof NOTHING>, more: object = {}) {
  await put({ run: `day#${date}`, sources: new Set([source]) });
  await put({
    ...{ run: `completeness#${source}#${date}`, source, date, counts: { ...NOTHING, ...counts } },
    ...{ percent: 100, isProvisional: false, missingPages: [], updatedAt: '2026-11-22T03:00:00.000Z' },
    ...more,
  });
}

describe('backfill', () => {
  test('asks for an interval, in UTC', async () => {
    const said = await aftercall('backfill', '--interval', '2025-11-20/2025-11-21', '--json');
    expect(said.exitCode).toBe(0);
    const message = { kind: 'interval', from: '2025-11-20T00:00:00.000Z', to: '2025-11-21T00:00:00.000Z' };
    expect(said.document()).toMatchObject({ sent: { ...message, by: 'job' } });
    expect(said.document()['sent']).not.toHaveProperty('source');
    expect(asked().map(({ body }): unknown => JSON.parse(body))).toContainEqual(
      expect.objectContaining(message),
    );
  });

  test('asks the query for what is recent, of one source, and with --dry-run nobody', async () => {
    const hours = '2025-11-20T14:00:00+01:00/2025-11-20T16:00:00Z';
    const args = ['backfill', '--interval', hours, '--recent', '--source', 'backfill', '--dry-run'];
    const before = asked().length;
    expect((await aftercall(...args, '--json')).document()).toMatchObject({
      wouldSend: { source: 'backfill', from: '2025-11-20T13:00:00.000Z', by: 'query' },
    });
    expect((await aftercall(...args)).out).toBe(
      'would ask for conversations of backfill that ended from 2025-11-20T13:00:00Z to 2025-11-20T16:00:00Z, by the query\n',
    );
    expect(asked().length).toBe(before);
  });

  test.each([
    [['--interval', 'yesterday'], 'is no interval'],
    [['--interval', '2025-11-21/2025-11-20'], 'is no interval'],
    [['--interval', '2025-11-20/2025-11-21/2025-11-22'], 'is no interval'],
    [['--interval', '2025-11-20T10:00/2025-11-20T11:00'], 'is no interval'],
    [['--interval', '2025-11-20/2999-11-21'], 'ends in the future'],
    [['--interval', '2020-11-20/2025-11-21'], 'longer than 366 days'],
    [['--interval', '2025-11-20/2025-11-21', '--source', 'main'], 'there are backfill'],
    [[], 'required option'],
  ])('%j is wrong usage', async (args, message) => {
    expect(await aftercall('backfill', ...args)).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining(message),
    });
  });

  test.each([
    ['DONE', 0, 'done. 5 conversations: 3 with an outcome, 1 sent, 1 missing'],
    ['FAILED', 1, 'given up, see the dead letters'],
  ])('waits for every source until it is %s', async (status, exitCode, said) => {
    const before = asked().length;
    const answered = aftercall('backfill', '--interval', '2025-11-20/2025-11-21', '--wait');
    const request = await requestAfter(before);
    const run = { request: `${request}/backfill`, source: 'backfill', isProvisional: false };
    const window = { from: '2025-11-20T00:00:00.000Z', counts: { ...NOTHING, seen: 1, withOutcome: 1 } };
    const finished = { ...NOTHING, seen: 4, withOutcome: 2, sent: 1, withoutMetrics: 1 };
    await put({ run: `run#${request}`, parts: [`${request}/backfill`] });
    await put({ ...run, run: `run#${request}/backfill`, window, finished: NOTHING, status: 'RUNNING' });
    setTimeout(() => void put({ ...run, run: `run#${request}/backfill`, window, finished, status }), 1_500);
    const result = await answered;
    expect(result).toMatchObject({ exitCode, out: expect.stringContaining(said) });
    expect(result.err).toContain(
      'backfill: 1 conversation: 1 with an outcome, 0 sent, 0 missing (at 2025-11-20)',
    );
  });
});

/** Of the message after so many others. */
async function requestAfter(count: number): Promise<string> {
  for (;;) {
    const [message] = asked().slice(count);
    if (message !== undefined) return (JSON.parse(message.body) as { request: string }).request;
    await sleep(20);
  }
}

describe('completeness', () => {
  test('of a complete day is exit code 0', async () => {
    await putDay('2025-11-01', 'backfill', { seen: 5, withOutcome: 5 });
    const result = await aftercall('completeness', '--date', '2025-11-01');
    expect(result).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('2025-11-01  backfill  100 %'),
    });
  });

  test('lists what is missing, with the reason, and is exit code 1', async () => {
    const missing = [
      { conversationId: 'c-1', reason: 'without-metrics' },
      { conversationId: 'c-2', reason: 'unreadable' },
    ];
    await put({ run: 'missing#r#1', missing });
    await putDay(
      '2025-11-02',
      'backfill',
      { seen: 5, sent: 2, withoutMetrics: 2, failed: 1 },
      {
        ...{ percent: 40, missingPages: ['missing#r#1'] },
      },
    );
    const result = await aftercall('completeness', '--date', '2025-11-02');
    expect(result.exitCode).toBe(1);
    expect(result.out).toMatch(/c-1 +speech analytics has nothing of it/);
    expect(result.out).toContain('0 with an outcome, 2 sent, 3 missing');
    expect(result.out).toContain('and 1 more');
    for (const line of result.out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    const document = (await aftercall('completeness', '--date', '2025-11-02', '--json')).document();
    expect(document).toMatchObject({
      date: '2025-11-02',
      sources: [{ percent: 40, missingCount: 3, missing }],
    });
  });

  test('of a day that is provisional is exit code 3', async () => {
    await putDay('2025-11-03', 'backfill', { seen: 5, withOutcome: 5 }, { isProvisional: true });
    const result = await aftercall('completeness', '--date', '2025-11-03', '--source', 'backfill');
    expect(result).toMatchObject({ exitCode: 3, out: expect.stringContaining('provisional') });
  });

  test('of a day that nobody has gone through says how to', async () => {
    expect(await aftercall('completeness', '--date', '2025-11-30')).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('npx aftercall backfill --interval 2025-11-30/2025-12-01'),
    });
  });

  test.each(['yesterday', '2025-02-30', '2025-1-1'])('%s is no day', async (date) => {
    expect(await aftercall('completeness', '--date', date)).toMatchObject({ exitCode: 2 });
  });
});
