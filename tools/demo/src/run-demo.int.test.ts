import { createHash, randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, expect, jest, test } from '@jest/globals';
import type { DemoReport } from './demo-report.ts';
import { printReport } from './print-report.ts';
import { runDemo } from './run-demo.ts';
import type { DemoOptions } from './run-demo.ts';
import { silence } from './show-progress.ts';
import { startTamperingProxy } from './start-tampering-proxy.ts';

jest.setTimeout(180_000);

const MAIN = join(import.meta.dirname, 'main.ts');
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0)) await step();
});

/** Runs the command with a temporary folder of its own. */
function start(args: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'demo-test-'));
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, TMPDIR: folder, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    child,
    exit,
    leftBehind: () => readdirSync(folder).filter((name) => name.startsWith('aftercall')),
  };
}

async function runBroken(environment: NonNullable<DemoOptions['environment']>): Promise<DemoReport> {
  const options = { deliveries: 60, seed: 1, signal: new AbortController().signal, audience: silence() };
  const { report, logsDirectory } = await runDemo({ ...options, environment });
  if (logsDirectory !== undefined) rmSync(dirname(dirname(logsDirectory)), { recursive: true, force: true });
  return report;
}

test('sixty deliveries keep every promise, their numbers add up, and nothing but one JSON document is printed', async () => {
  const { child, exit, leftBehind } = start(['--json', '--deliveries', '60', '--seed', '7']);
  const [output, complaints] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect({ code: await exit, complaints, leftBehind: leftBehind() }).toEqual({
    ...{ code: 0, complaints: '', leftBehind: [] },
  });
  const report = JSON.parse(output) as DemoReport;
  const { sent, accepted, refused, unanswered, events, promises } = report;
  expect(sent).toBe(60);
  expect(accepted + refused.total + unanswered).toBe(sent);
  expect(Object.values(refused.byReason).reduce((sum, times) => sum + times, 0)).toBe(refused.total);
  expect(events.distinct + events.duplicates).toBe(events.accepted);
  expect(events.processed + promises.lost.count).toBe(events.distinct);
  expect(events.repeated).toBeGreaterThan(0);
  expect(Object.entries(promises).filter(([, { count }]) => count > 0)).toEqual([]);
  expect(Object.keys(promises)).toHaveLength(8);
  expect(report).toMatchObject({ ok: true, seed: 7, deadLetters: 0, leftOnQueue: 0 });
  expect(report.acknowledgedMillis.p99).toBeGreaterThanOrEqual(report.acknowledgedMillis.p50);
});

test('a ledger that gives every event away again shows as doubled', async () => {
  const report = await runBroken(async ({ app }, { dynamodb }) => {
    if (app !== 'processor') return {};
    const proxy = await startTamperingProxy(dynamodb, (operation, input) => {
      const isClaim = operation === 'PutItem' && String(input['TableName']).endsWith('-ledger');
      const { ConditionExpression: _, ExpressionAttributeValues: __, ...unconditional } = input;
      return { forward: isClaim ? unconditional : input };
    });
    undo.push(proxy.stop);
    return { AWS_ENDPOINT_URL_DYNAMODB: proxy.url };
  });
  // How many is up to the machine: a claim that comes late takes the place of a completed row, and its event is lost.
  expect(report.ok).toBe(false);
  expect(report.promises.doubled.count).toBeGreaterThan(0);
});

test('a message that the queue took and dropped shows as lost, and the report names its events', async () => {
  const dropped = new Set<string>();
  const report = await runBroken(async ({ app, variables }, { sqs }) => {
    if (app !== 'ingest') return {};
    const proxy = await startTamperingProxy(sqs, (operation, input) => {
      if (operation !== 'SendMessageBatch') return { forward: input };
      const entries = input['Entries'] as { Id: string; MessageBody: string }[];
      const ids = entries.map(({ MessageBody }) => (JSON.parse(MessageBody) as { id: string }).id);
      // Those of the first batch, and again whenever their sender tries again.
      if (dropped.size > 0 && !ids.some((id) => dropped.has(id))) return { forward: input };
      for (const id of ids) dropped.add(id);
      return { answer: { Successful: entries.map(taken), Failed: [] } };
    });
    undo.push(proxy.stop);
    const queue = new URL(variables['EVENTS_QUEUE_URL'] ?? '').pathname;
    return { AWS_ENDPOINT_URL_SQS: proxy.url, EVENTS_QUEUE_URL: `${proxy.url}${queue}` };
  });
  expect(report.ok).toBe(false);
  expect(report.promises.lost.count).toBeGreaterThan(0);
  expect(report.promises.lost.count).toBeLessThanOrEqual(dropped.size);
  expect(report.events.processed).toBe(report.events.distinct - report.promises.lost.count);
  const printed = stripVTControlCharacters(printReport(report));
  expect(printed).toContain('A promise was broken');
  expect(Math.max(...printed.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100);
});

test('Ctrl-C stops the stack, leaves no folder behind and exits with 130', async () => {
  const { child, exit, leftBehind } = start(['--deliveries', '5000']);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (output.includes('sending')) child.kill('SIGINT');
  });
  expect(await exit).toBe(130);
  expect(leftBehind()).toEqual([]);
  expect(output).not.toContain('sent ');
});

test('an option that makes no sense is a usage error', async () => {
  expect(await start(['--deliveries', 'many']).exit).toBe(2);
});

function taken({ Id, MessageBody }: { readonly Id: string; readonly MessageBody: string }) {
  const MD5OfMessageBody = createHash('md5').update(MessageBody).digest('hex');
  return { Id, MessageId: randomUUID(), MD5OfMessageBody };
}
