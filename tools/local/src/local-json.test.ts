import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  claimDirectory,
  localResources,
  partnerSources,
  readLocalJson,
  removeLocalJson,
  stackFolder,
  StackRunningError,
  writeLocalJson,
} from './local-json.ts';
import type { LocalJson } from './local-json.ts';
import { temporaryFolder } from './runtime/fixture-function.ts';

const LOCAL = { http: 'http://127.0.0.1:1', pid: 1, control: 'http://127.0.0.1:9' } as LocalJson;

/** The pid of a process that has ended. */
const deadPid = (): number => spawnSync('true').pid;

test('the file is readable for its owner only, and comes and goes whole', () => {
  const directory = temporaryFolder();
  mkdirSync(stackFolder(directory));
  expect(readLocalJson(directory)).toBeUndefined();
  writeLocalJson(directory, LOCAL);
  expect(readLocalJson(directory)).toEqual(LOCAL);
  expect(statSync(join(stackFolder(directory), 'local.json')).mode & 0o777).toBe(0o600);
  removeLocalJson(directory);
  expect(readLocalJson(directory)).toBeUndefined();
});

describe('a directory', () => {
  test('is one stack’s at a time, and the refusal names the pid', async () => {
    const directory = temporaryFolder();
    const release = await claimDirectory(directory, process.pid);
    await expect(claimDirectory(directory, 1)).rejects.toThrow(StackRunningError);
    await expect(claimDirectory(directory, 1)).rejects.toThrow(`pid ${process.pid}`);
    release();
    (await claimDirectory(directory, process.pid))();
  });

  test('of a dead process is taken over, its local.json removed', async () => {
    const directory = temporaryFolder();
    const pid = deadPid();
    await claimDirectory(directory, pid);
    writeLocalJson(directory, { ...LOCAL, pid });
    await claimDirectory(directory, process.pid);
    expect(readLocalJson(directory)).toBeUndefined();
    expect(readFileSync(join(stackFolder(directory), 'stack.pid'), 'utf8')).toBe(String(process.pid));
  });

  test('of a stack whose pid is another program’s now is taken over: nothing answers there', async () => {
    const directory = temporaryFolder();
    await claimDirectory(directory, process.pid);
    writeLocalJson(directory, { ...LOCAL, pid: process.pid });
    await claimDirectory(directory, process.pid);
    expect(existsSync(join(stackFolder(directory), 'local.json'))).toBe(false);
  });

  test('with rubbish for a pid is taken over', async () => {
    const directory = temporaryFolder();
    mkdirSync(stackFolder(directory));
    writeFileSync(join(stackFolder(directory), 'stack.pid'), '');
    await claimDirectory(directory, process.pid);
  });
});

test('resources are sorted by their names', () => {
  const queue = (name: string) => ({ type: 'aws_sqs_queue', attributes: { name, url: `url:${name}` } });
  const bucket = (name: string) => ({ type: 'aws_s3_bucket', attributes: { bucket: name } });
  const table = (name: string) => ({ type: 'aws_dynamodb_table', attributes: { name } });
  const resources = localResources([
    ...['events.fifo', 'events-dead.fifo', 'lake', 'lake-dead', 'crm-dead'].map((name) =>
      queue(`aftercall-local-${name}`),
    ),
    ...['qa-default.fifo', 'qa-default-dead.fifo'].map((name) => queue(`aftercall-local-${name}`)),
    ...['partner-inbox', 'partner-inbox-dead'].map((name) => queue(`aftercall-local-${name}`)),
    ...['ledger', 'conversations', 'set-aside', 'transcripts', 'backfill'].map((name) =>
      table(`aftercall-local-${name}`),
    ),
    ...['lake', 'transcripts', 'set-aside', 'deliveries', 'config'].map((name) =>
      bucket(`aftercall-local-${name}`),
    ),
    { type: 'aws_cloudwatch_event_bus', attributes: { name: 'aws.partner/genesys.com/cloud/1/a' } },
    { type: 'aws_cloudwatch_event_bus', attributes: { name: 'aftercall' } },
  ]);
  expect(resources).toEqual({
    eventsQueueUrl: 'url:aftercall-local-events.fifo',
    eventsDeadLetterQueueUrl: 'url:aftercall-local-events-dead.fifo',
    ledgerTable: 'aftercall-local-ledger',
    conversationsTable: 'aftercall-local-conversations',
    setAsideTable: 'aftercall-local-set-aside',
    transcriptsTable: 'aftercall-local-transcripts',
    backfillTable: 'aftercall-local-backfill',
    lakeBucket: 'aftercall-local-lake',
    transcriptsBucket: 'aftercall-local-transcripts',
    setAsideBucket: 'aftercall-local-set-aside',
    deliveriesBucket: 'aftercall-local-deliveries',
    configBucket: 'aftercall-local-config',
    busName: 'aftercall',
    queueUrls: {
      lake: 'url:aftercall-local-lake',
      'partner-inbox': 'url:aftercall-local-partner-inbox',
    },
    deadLetterQueueUrls: {
      'partner-inbox': 'url:aftercall-local-partner-inbox-dead',
      lake: 'url:aftercall-local-lake-dead',
      crm: 'url:aftercall-local-crm-dead',
      'qa-default': 'url:aftercall-local-qa-default-dead.fifo',
    },
    qaQueueUrls: { default: 'url:aftercall-local-qa-default.fifo' },
  });
});

test('partner event sources are those that a function lists, each with its bus', () => {
  const eventSourceName = 'aws.partner/genesys.com/cloud/1/a';
  const variables = { PARTNER_SOURCES: JSON.stringify([{ key: 'partner', org: 'main', eventSourceName }]) };
  const infos = [
    { name: 'aftercall-local-ingest', app: 'ingest', variables: {} },
    { name: 'aftercall-local-partner-ingest', app: 'partner-ingest', variables },
  ];
  expect(partnerSources(infos)).toEqual([{ key: 'partner', busName: eventSourceName, eventSourceName }]);
});
