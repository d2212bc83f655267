import { expect, test } from '@jest/globals';
import { GenesysRefusedError, GenesysUnavailableError } from '@aftercall/genesys';
import { TokenRefusedError } from '@aftercall/oauth';
import type { PermanentError, QueueEntry } from '@aftercall/queue';
import { createLogger, createMetrics } from '@aftercall/telemetry';
import { createHandler } from './handler.ts';
import { memoryStage, SOURCE } from './memory-stage.ts';

const INTERVAL = {
  kind: 'interval',
  request: 'r-1',
  source: 'backfill',
  from: '2026-11-20T00:00:00.000Z',
  to: '2026-11-21T00:00:00.000Z',
};

function backfill(stage = memoryStage(12)) {
  const lines: Record<string, unknown>[] = [];
  const requests: QueueEntry[] = [];
  const deadLetters: PermanentError[] = [];
  const visibilities: number[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
  const { api, ...deps } = stage.deps();
  const handler = createHandler({
    ...deps,
    sources: new Map([
      [SOURCE.key, SOURCE],
      ['acme', { key: 'acme', org: 'acme', mediaTypes: [] }],
    ]),
    apiOf: (org) => (org === 'main' ? api : undefined),
    sendRequests: async (entries) => void requests.push(...entries),
    changeVisibility: async (_handle, seconds) => void visibilities.push(seconds),
    deadLetter: async (_message, error) => void deadLetters.push(error),
    backoff: { baseSeconds: 8, maxSeconds: 8 },
    random: () => 0.5,
    log: createLogger({ function: 'backfill', destination: { write } }),
    metrics: createMetrics({ function: 'backfill', write, now: deps.now }),
  });
  const handle = (body: object, receiveCount = 1, sentMillis = stage.clock.nowMillis) =>
    handler(
      {
        Records: [
          {
            messageId: 'm-1',
            receiptHandle: 'h-1',
            body: JSON.stringify(body),
            attributes: {
              ApproximateReceiveCount: String(receiveCount),
              SentTimestamp: String(sentMillis),
              SenderId: '',
              ApproximateFirstReceiveTimestamp: '',
            },
            messageAttributes: {},
            md5OfBody: '',
            eventSource: 'aws:sqs',
            eventSourceARN: '',
            awsRegion: 'eu-west-1',
          },
        ],
      },
      { getRemainingTimeInMillis: () => stage.clock.remainingMillis },
    );
  return { stage, handle, lines, requests, deadLetters, visibilities };
}
const DONE = { batchItemFailures: [] };
const AGAIN = { batchItemFailures: [{ itemIdentifier: 'm-1' }] };

test('a run that is done is acknowledged, and its day told as one share', async () => {
  const { handle, lines, stage } = backfill();
  stage.tenant.metrics.set('c-1', null);
  expect(await handle(INTERVAL)).toEqual(DONE);
  expect(stage.sent).toHaveLength(11);
  expect(lines).toContainEqual(
    expect.objectContaining({ Source: 'backfill', Function: 'backfill', Completeness: [91.66] }),
  );
  expect(lines).toContainEqual(expect.objectContaining({ Source: 'backfill', Processed: 11 }));
  expect(lines).toContainEqual(
    expect.objectContaining({ level: 'info', request: 'r-1', result: 'done', seen: 12, withoutMetrics: 1 }),
  );
});

test('two days in one invocation are two shares', async () => {
  const { handle, lines } = backfill();
  await handle({ ...INTERVAL, from: '2026-11-19T00:00:00Z' });
  expect(lines.filter((line) => 'Completeness' in line)).toMatchObject([{ Completeness: [100, 100] }]);
});

test('a run that pauses comes again when the pause is over, and that is no warning', async () => {
  const { handle, visibilities, stage, lines } = backfill();
  stage.tenant.jobStates.push({ state: 'PENDING', errorMessage: undefined });
  expect(await handle(INTERVAL)).toEqual(AGAIN);
  stage.tenant.onCall = (operation) => {
    if (operation === 'conversationMetrics')
      throw new GenesysUnavailableError({ operation, status: 429 }, 'is over the rate limit', 41);
  };
  expect(await handle(INTERVAL)).toEqual(AGAIN);
  expect(visibilities).toEqual([10, 41]);
  expect(lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  expect(lines).toContainEqual(expect.objectContaining({ result: 'paused', why: 'rate-limit', seconds: 41 }));
});

test('a message that was received often is replaced by a new one with the same request', async () => {
  const { handle, requests, stage } = backfill();
  stage.tenant.jobStates.push({ state: 'PENDING', errorMessage: undefined });
  expect(await handle(INTERVAL, 500)).toEqual(DONE);
  stage.tenant.jobStates.push({ state: 'PENDING', errorMessage: undefined });
  expect(await handle(INTERVAL, 2, stage.clock.nowMillis - 3 * 86_400_000)).toEqual(DONE);
  expect(requests).toHaveLength(2);
  for (const { body } of requests) expect(JSON.parse(body)).toMatchObject({ ...INTERVAL, by: 'job' });
});

test('the daily message becomes one request for each source, the same ones when it comes again', async () => {
  const { handle, requests, stage } = backfill();
  expect(await handle({ kind: 'daily' })).toEqual(DONE);
  expect(await handle({ kind: 'daily' })).toEqual(DONE);
  const bodies = requests.map(({ body }) => body);
  expect(bodies.slice(0, 2).map((body): unknown => JSON.parse(body))).toMatchObject([
    { kind: 'interval', source: 'backfill', request: 'm-1/backfill', early: 'wait' },
    { kind: 'interval', source: 'acme', request: 'm-1/acme', early: 'wait' },
  ]);
  expect(bodies.slice(2)).toEqual(bodies.slice(0, 2));
  expect(stage.runs.parts.get('m-1')?.parts).toEqual(['m-1/backfill', 'm-1/acme']);
});

test.each([
  ['a body that is none', { kind: 'interval' }, 'bad-schema'],
  ['an unknown source', { ...INTERVAL, source: 'nobody' }, 'bad-schema'],
  ['an organisation without a Platform API', { ...INTERVAL, source: 'acme' }, 'effect-refused'],
])('%s is a dead letter', async (_case, body, reason) => {
  const { handle, deadLetters, lines } = backfill();
  expect(await handle(body)).toEqual(DONE);
  expect(deadLetters).toMatchObject([{ reason }]);
  expect(lines).toContainEqual(expect.objectContaining({ DeadLettered: 1, Reason: reason }));
});

test.each([
  ['a permission', new GenesysRefusedError({ operation: 'conversationMetrics', status: 403 }, 'no')],
  ['a secret', new TokenRefusedError('invalid-client', 'no')],
])('%s that somebody must correct is an error in the log and no dead letter', async (_case, error) => {
  const { handle, deadLetters, visibilities, lines, stage } = backfill();
  stage.tenant.onCall = (operation) => {
    if (operation === 'conversationMetrics') throw error;
  };
  expect(await handle(INTERVAL, 900)).toEqual(AGAIN);
  expect(deadLetters).toEqual([]);
  expect(visibilities).toEqual([4]);
  expect(lines.filter(({ level }) => level === 'error')).toHaveLength(1);
});
