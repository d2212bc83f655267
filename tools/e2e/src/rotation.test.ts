import { sendSteadily } from '@aftercall/genesys-simulator';
import type { Statuses } from '@aftercall/genesys-simulator';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { eventually } from './eventually.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

const AFTERCALL = resolve(import.meta.dirname, '../../cli/bin/aftercall.mjs');
/** A laptop under test runs much besides. */
const DELIVERIES_PER_SECOND = 20;
const FORGED_EVERY = 10;
const run = promisify(execFile);

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
}, 120_000);
afterAll(() => stage.stop());

/** As somebody would who is in the stack's directory. */
async function aftercall(
  ...args: readonly string[]
): Promise<{ exitCode: number; out: string; err: string }> {
  const cwd = dirname(dirname(stage.stack.logsDirectory));
  try {
    const { stdout, stderr } = await run(process.execPath, [AFTERCALL, ...args], { cwd });
    return { exitCode: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { exitCode: code, out: stdout, err: stderr };
  }
}

const stateOf = async (key: string): Promise<string | undefined> => {
  const { out } = await aftercall('secrets', 'status', '--quiet', '1s', '--json');
  const { sources } = JSON.parse(out) as { sources: readonly { source: string; state: string }[] };
  return sources.find(({ source }) => source === key)?.state;
};

const others = (statuses: Statuses, expected: number): Statuses =>
  Object.fromEntries(Object.entries(statuses).filter(([status]) => Number(status) !== expected));

test('a sender that rotates in mid-load, amid forgeries, is refused nothing, and no forgery is taken', async () => {
  const { url, scheme, secret: old } = stage.source('main');
  let secret = old;
  const ending = new AbortController();
  const load = sendSteadily({
    url,
    scheme: scheme as 'genesys-webhook',
    secret: () => secret,
    deliveriesPerSecond: DELIVERIES_PER_SECOND,
    forgedEvery: FORGED_EVERY,
    until: ending.signal,
  });
  await sleep(2_000);
  const rotated = await aftercall('secrets', 'rotate', 'main', '--json');
  expect(rotated).toMatchObject({ exitCode: 0, err: expect.stringContaining('waiting 30 s') });
  // A sender that has not been switched yet is still heard, and keeps its secret from being retired.
  await eventually(async () => expect(await stateOf('main')).toBe('previous-in-use'));
  const refused = await aftercall('secrets', 'retire', 'main', '--quiet', '1m');
  expect(refused).toMatchObject({ exitCode: 1, err: expect.stringContaining('may be in use') });
  expect(await aftercall('secrets', 'rotate', 'main')).toMatchObject({ exitCode: 1 });

  ({ secret } = JSON.parse(rotated.out) as { secret: string });
  stage.keepSecret(secret);
  expect(secret).not.toBe(old);
  expect(stage.source('main').secret).toBe(secret);
  await sleep(3_000);
  ending.abort();
  const { genuine, forged } = await load;
  expect(others(genuine, 200)).toEqual({});
  expect(others(forged, 401)).toEqual({});
  const reasons = new Set(stage.logs('ingest').map(({ reason }) => reason));
  for (const lack of ['no-secret', 'unusable-secret', 'secret-unavailable'])
    expect(reasons).not.toContain(lack);
  expect(genuine[200]).toBeGreaterThan(100);

  await eventually(async () => expect(await stateOf('main')).toBe('previous-idle'));
  expect(await aftercall('secrets', 'retire', 'main', '--quiet', '1s')).toMatchObject({ exitCode: 0 });
  expect(await stateOf('main')).toBe('settled');
}, 180_000);

test('a rotation that recycles starts every container of ingest anew', async () => {
  const before = stage.logs('ingest').length;
  expect(before).toBeGreaterThan(0);
  const dry = await aftercall('secrets', 'rotate', 'relay', '--recycle', '--dry-run', '--json');
  expect(JSON.parse(dry.out)).toMatchObject({ wouldRotate: 'aftercall/local/sources/relay', recycle: true });
  const { url } = stage.source('relay');
  const { exitCode, out } = await aftercall('secrets', 'rotate', 'relay', '--recycle', '--json');
  expect({ exitCode, ...(JSON.parse(out) as object) }).toMatchObject({
    exitCode: 0,
    recycled: 'aftercall-local-ingest',
  });
  const answer = await stage.deliver(
    'relay',
    JSON.stringify({
      webhookEventId: 'e',
      data: { conversationId: 'c', timestamp: new Date().toISOString() },
    }),
  );
  expect({ url, status: answer.status }).toEqual({ url, status: 200 });
}, 120_000);

test('a message that was sealed two rotations ago, both by the rotator, still opens', async () => {
  const conversationId = randomUUID();
  const data = { conversationId, timestamp: new Date().toISOString() };
  const sealed = await stage.entriesOf('main', JSON.stringify({ webhookEventId: randomUUID(), data }));
  const before = await stage.keyring();
  for (const keys of [2, 3]) {
    const { exitCode, out } = await aftercall('secrets', 'rotate-keyring', '--json');
    expect(exitCode).toBe(0);
    expect((JSON.parse(out) as { opens: readonly string[] }).opens).toHaveLength(keys);
  }
  const { current, keys } = await stage.keyring();
  stage.keepSecret(...Object.values(keys).map(({ key }) => key));
  expect(current).not.toBe(before.current);
  await Promise.all(sealed.map((entry) => stage.enqueue(entry)));
  await eventually(() => expect(stage.recordedFacts(conversationId)).toHaveLength(1));
  const finished = stage
    .logs('secret-rotator')
    .filter(({ step, name }) => step === 'finishSecret' && name === 'aftercall/local/sealing');
  expect(finished.map(({ result }) => result)).toEqual(['done', 'done']);
}, 90_000);

test('wrong use is told what is right', async () => {
  expect(await aftercall('secrets', 'rotate', 'nobody')).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('unknown source "nobody"'),
  });
  expect(await aftercall('secrets', 'status', '--quiet', 'soon')).toMatchObject({ exitCode: 2 });
  expect(await aftercall('secrets', 'retire', 'messaging')).toMatchObject({
    exitCode: 1,
    err: expect.stringContaining('no previous version'),
  });
}, 60_000);
