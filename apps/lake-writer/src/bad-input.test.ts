import { describe, expect, test } from '@jest/globals';
import { memoryConsumerCircuits } from '@aftercall/circuit-breaker';
import { readOutcomes } from '@aftercall/lake';
import type { PermanentError } from '@aftercall/queue';
import type { OutcomeRow } from '@aftercall/schemas';
import { createLogger, createMetrics } from '@aftercall/telemetry';
import { createHandler } from './handler.ts';
import { memoryLakeFiles } from './memory-lake-files.ts';
import { batchOf, outcomeBody, outcomeRow } from './sample-outcomes.ts';

/** Writes the bodies behind a good one, and answers what is in the lake then and what was given up. */
async function written(bodies: readonly string[]) {
  const store = memoryLakeFiles();
  const dead: { body: string; error: PermanentError }[] = [];
  const write = () => undefined;
  const now = () => new Date('2026-11-20T14:06:00Z');
  const handler = createHandler({
    circuits: memoryConsumerCircuits(now),
    files: store,
    shards: 4,
    changeVisibility: async () => undefined,
    deadLetter: async ({ body }, error) => void dead.push({ body, error }),
    backoff: { baseSeconds: 4, maxSeconds: 60 },
    pause: async () => undefined,
    random: () => 0.5,
    log: createLogger({ function: 'lake-writer', destination: { write } }),
    metrics: createMetrics({ function: 'lake-writer', write, now }),
    now,
  });
  const good = outcomeBody(outcomeRow({ event_id: 'good' }));
  const answer = await handler(batchOf([good, ...bodies]), { getRemainingTimeInMillis: () => 60_000 });
  expect(answer).toEqual({ batchItemFailures: [] });
  const rows = (await Promise.all([...store.files.values()].map((file) => readOutcomes(file)))).flat();
  expect(rows.filter(({ event_id }) => event_id === 'good')).toHaveLength(1);
  return { rows: rows.filter(({ event_id }) => event_id !== 'good'), dead, keys: [...store.files.keys()] };
}

const bodyWith = (said: object): string => outcomeBody({ ...outcomeRow(), ...said });

describe('a row is written as it is', () => {
  test.each<[string, Partial<OutcomeRow>]>([
    ['violations without a code', { violation_count: 3, violations: [] }],
    ['a severity that nobody knew', { violation_count: 1, max_severity: 'unknown' }],
    ['10,000 keywords', { keywords: Array.from({ length: 10_000 }, (_, n) => `phrase ${n}`) }],
    ['a phrase of a megabyte', { keywords: ['ü'.repeat(500_000)] }],
    ['a sentiment of 7, known only raw', { sentiment_raw: 7, sentiment_score: null }],
    ['a furious customer', { sentiment_label: 'furious', sentiment_score: null }],
    ['no agent', { agent_id: null }],
    ['a slash in the conversation', { conversation_id: 'a/b', event_id: 'e#a/b/-' }],
    ['an equals sign in the conversation', { conversation_id: 'dt=2020' }],
    ['the folder above as the conversation', { conversation_id: '../../..' }],
    ['an emoji as the conversation', { conversation_id: '☎🙂' }],
    ['a source like a path', { source: '../dt=2020/🙂' }],
  ])('with %s', async (_case, said) => {
    const row = outcomeRow(said);
    const { rows, dead, keys } = await written([outcomeBody(row)]);
    expect(rows).toEqual([row]);
    expect(dead).toEqual([]);
    for (const key of keys) {
      expect(key).toMatch(/^outcomes\/source=[\w%-]+\/dt=2026-11-20\/hour=14\/part-[0-3]\.parquet$/);
    }
  });

  test('with violations before the call began', async () => {
    const details = '"violation_details":[{"code":null,"category":null,"severity":"unknown","offset_ms":-5}]';
    const { rows, dead } = await written([
      outcomeBody(outcomeRow()).replace('"violation_details":[]', details),
    ]);
    expect(rows).toEqual([outcomeRow()]);
    expect(dead).toEqual([]);
  });
});

describe('a row is given up by place and rule, and the rest is written', () => {
  const numberAt = (number: string): string =>
    outcomeBody(outcomeRow({ empathy_score: 12345 })).replace('12345', number);

  test.each([
    ['a sentiment of 7', bodyWith({ sentiment_score: 7 }), '/detail/data/sentiment_score'],
    ['a sentiment in words', bodyWith({ sentiment_score: 'furious' }), '/detail/data/sentiment_score'],
    ['NaN', numberAt('NaN'), 'the body is not JSON'],
    ['a number beyond all numbers', numberAt('1e999'), '/detail/data/empathy_score'],
    ['a severity outside of the list', bodyWith({ max_severity: 'fatal' }), '/detail/data/max_severity'],
    ['no word of an agent', bodyWith({ agent_id: undefined }), '/detail/data/agent_id: required'],
    ['no event id', bodyWith({ event_id: '' }), '/detail/data/event_id: minLength'],
    ['a time that is none', bodyWith({ received_at: '2026-02-30T00:00:00Z' }), '/detail/data/received_at'],
    ['a leap second', bodyWith({ occurred_at: '2016-12-31T23:59:60Z' }), '/occurred_at'],
    ['a newer schema', bodyWith({ schema_version: 2 }), '/schema_version'],
    ['a source too long for a key', bodyWith({ source: '🙂'.repeat(200) }), '/source'],
  ])('for %s', async (_case, body, detail) => {
    const { rows, dead } = await written([body]);
    expect(rows).toEqual([]);
    expect(dead).toMatchObject([
      { body, error: { reason: 'bad-schema', detail: expect.stringContaining(detail) } },
    ]);
  });
});
