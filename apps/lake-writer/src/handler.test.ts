import { describe, expect, test } from '@jest/globals';
import { memoryConsumerCircuits } from '@aftercall/circuit-breaker';
import { readOutcomes } from '@aftercall/lake';
import type { PermanentError, QueueMessage } from '@aftercall/queue';
import type { OutcomeRow } from '@aftercall/schemas';
import { createLogger, createMetrics } from '@aftercall/telemetry';
import fc from 'fast-check';
import { createHandler } from './handler.ts';
import type { LakeFiles } from './lake-files.ts';
import { memoryLakeFiles } from './memory-lake-files.ts';
import { batchOf, outcomeBody, outcomeRow } from './sample-outcomes.ts';

const KEY = 'outcomes/source=main/dt=2026-11-20/hour=14/part-0.parquet';
const LATER_KEY = 'outcomes/source=main/dt=2026-11-20/hour=15/part-0.parquet';
const PLENTY = { getRemainingTimeInMillis: () => 60_000 };

const rowOf = (event: number, said: Partial<OutcomeRow> = {}): OutcomeRow =>
  outcomeRow({ event_id: `e${event}#c${event}/-`, conversation_id: `c${event}`, ...said });

function writer(files: LakeFiles, deadLetterTo: 'taken' | 'down' = 'taken') {
  const dead: { message: QueueMessage; error: PermanentError }[] = [];
  const hidden = new Map<string, number>();
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const clock = { now: new Date('2026-11-20T14:06:00Z') };
  const now = () => clock.now;
  const later = (seconds: number) => void (clock.now = new Date(clock.now.getTime() + seconds * 1000));
  const circuits = memoryConsumerCircuits(now);
  const handler = createHandler({
    circuits,
    files,
    shards: 1,
    changeVisibility: async (receiptHandle, seconds) => void hidden.set(receiptHandle, seconds),
    deadLetter: async (message, error) => {
      if (deadLetterTo === 'down') throw new Error('the dead-letter queue is down');
      dead.push({ message, error });
    },
    backoff: { baseSeconds: 4, maxSeconds: 60 },
    pause: async () => undefined,
    random: () => 0.5,
    log: createLogger({ function: 'lake-writer', destination: { write } }),
    metrics: createMetrics({ function: 'lake-writer', write, now }),
    now,
  });
  return { handler, dead, hidden, lines, circuits, later };
}

async function rowsIn(files: ReadonlyMap<string, Uint8Array>, key = KEY): Promise<readonly OutcomeRow[]> {
  const bytes = files.get(key);
  return bytes ? readOutcomes(bytes) : [];
}

const bodiesOf = (rows: readonly OutcomeRow[]) => batchOf(rows.map(outcomeBody));
const kept = (messageIds: readonly string[]) => ({
  batchItemFailures: messageIds.map((itemIdentifier) => ({ itemIdentifier })),
});

test('each hour of a source is one file, and each outcome one row of it', async () => {
  const store = memoryLakeFiles();
  const { handler } = writer(store);
  const rows = [rowOf(1), rowOf(2), rowOf(3, { occurred_at: '2026-11-20T15:00:00.000Z' })];
  expect(await handler(bodiesOf(rows), PLENTY)).toEqual(kept([]));
  expect([...store.files.keys()].sort()).toEqual([KEY, LATER_KEY]);
  expect((await rowsIn(store.files)).map(({ event_id }) => event_id).sort()).toEqual(['e1#c1/-', 'e2#c2/-']);
  expect(await rowsIn(store.files, LATER_KEY)).toEqual([rows[2]]);
});

test('a batch that comes again writes nothing', async () => {
  const store = memoryLakeFiles();
  let puts = 0;
  const counting: LakeFiles = { ...store, put: (...file) => ((puts += 1), store.put(...file)) };
  const { handler } = writer(counting);
  await handler(bodiesOf([rowOf(1), rowOf(2)]), PLENTY);
  await handler(bodiesOf([rowOf(2), rowOf(1)]), PLENTY);
  expect(puts).toBe(1);
});

test('a correction under a new id is a row of its own; one under the same id takes the place of the row', async () => {
  const store = memoryLakeFiles();
  const { handler } = writer(store);
  const corrected = rowOf(1, { event_id: 'e9#c1/-', sentiment_label: 'positive' });
  await handler(bodiesOf([rowOf(1), corrected]), PLENTY);
  expect(await rowsIn(store.files)).toHaveLength(2);

  const forced = rowOf(1, { sentiment_label: 'negative', received_at: '2026-11-21T09:00:00.000Z' });
  await handler(bodiesOf([forced]), PLENTY);
  const rows = await rowsIn(store.files);
  expect(rows).toHaveLength(2);
  expect(rows).toEqual(expect.arrayContaining([forced, corrected]));

  await handler(bodiesOf([rowOf(1)]), PLENTY);
  expect(await rowsIn(store.files)).toEqual(rows);
});

test('a row that does not fit is dead-lettered with its reason, and the rest is written', async () => {
  const store = memoryLakeFiles();
  const { handler, dead } = writer(store);
  const good = outcomeBody(rowOf(1));
  const bodies = [
    good,
    'not JSON',
    good.replaceAll('aftercall.outcome.recorded', 'aftercall.something.else'),
    good.replace('"violation_count":0', '"violation_count":-1'),
    outcomeBody(rowOf(2, { occurred_at: '2026-06-30T23:59:60Z' })),
  ];
  expect(await handler(batchOf(bodies), PLENTY)).toEqual(kept([]));
  expect(dead.map(({ message, error }) => [message.messageId, error.reason])).toEqual([
    ['m1', 'bad-schema'],
    ['m2', 'unknown-type'],
    ['m3', 'bad-schema'],
    ['m4', 'bad-schema'],
  ]);
  expect(await rowsIn(store.files)).toEqual([rowOf(1)]);
});

test('a bad row stays on its queue as long as the dead-letter queue does not take it', async () => {
  const { handler } = writer(memoryLakeFiles(), 'down');
  expect(await handler(batchOf(['not JSON', outcomeBody(rowOf(1))]), PLENTY)).toEqual(kept(['m0']));
});

test.each([
  ['that is corrupt', Buffer.from('PAR1, or so it says')],
  ['that is empty', Buffer.alloc(0)],
])('a file %s is left as it is, and its rows are dead-lettered', async (_case, bytes) => {
  const store = memoryLakeFiles();
  store.files.set(KEY, bytes);
  const { handler, dead } = writer(store);
  const later = rowOf(2, { occurred_at: '2026-11-20T15:00:00.000Z' });
  expect(await handler(bodiesOf([rowOf(1), later]), PLENTY)).toEqual(kept([]));
  expect(store.files.get(KEY)).toBe(bytes);
  expect(dead).toHaveLength(1);
  expect(dead[0]?.error).toMatchObject({ reason: 'effect-refused', detail: expect.stringContaining(KEY) });
  expect(await rowsIn(store.files, LATER_KEY)).toEqual([later]);
});

test('a file that cannot be reached brings its own messages back and no others', async () => {
  const store = memoryLakeFiles();
  const down: LakeFiles = {
    ...store,
    get: async (key) => (key === KEY ? Promise.reject(new Error('SlowDown')) : store.get(key)),
  };
  const { handler, hidden } = writer(down);
  const later = rowOf(2, { occurred_at: '2026-11-20T15:00:00.000Z' });
  expect(await handler(bodiesOf([rowOf(1), later]), PLENTY)).toEqual(kept(['m0']));
  expect([...hidden]).toEqual([['r0', 2]]);
  expect(await rowsIn(store.files, LATER_KEY)).toEqual([later]);
});

test('without time for another file the messages come back at once', async () => {
  const store = memoryLakeFiles();
  const { handler, hidden } = writer(store);
  const short = { getRemainingTimeInMillis: () => 1_000 };
  expect(await handler(bodiesOf([rowOf(1)]), short)).toEqual(kept(['m0']));
  expect([...hidden]).toEqual([['r0', 0]]);
});

test('the log names files and counts, and no row', async () => {
  const { handler, lines } = writer(memoryLakeFiles());
  await handler(bodiesOf([rowOf(1, { keywords: ['quittungsloser Zahlungsverzug'] })]), PLENTY);
  expect(lines.join()).toContain(KEY);
  expect(lines.join()).toContain('"LakeRows":1');
  expect(lines.join()).not.toContain('Zahlungsverzug');
});

/** A store whose calls wait for their turn, fail before they are made, or fail after they took effect. */
function unreliable(store: LakeFiles, faults: readonly number[]): LakeFiles {
  let calls = 0;
  const call = async <T>(make: () => Promise<T>): Promise<T> => {
    const fault = faults[calls++] ?? 0;
    for (let turns = fault % 5; turns > 0; turns -= 1) await new Promise(setImmediate);
    if (fault >= 80 && fault < 90) throw new Error('crashed before the call');
    const result = await make();
    if (fault >= 90) throw new Error('crashed after the call');
    return result;
  };
  return { get: (key) => call(() => store.get(key)), put: (...file) => call(() => store.put(...file)) };
}

test('writers that race, crash and repeat leave each outcome in the lake once', async () => {
  const batches = fc.array(fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 5 }), {
    minLength: 2,
    maxLength: 5,
  });
  const faults = fc.array(fc.nat({ max: 99 }), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(batches, faults, async (events, plan) => {
      const store = memoryLakeFiles();
      const { handler } = writer(unreliable(store, plan));
      await Promise.all(
        events.map((batch) =>
          untilTaken(
            handler,
            batch.map((event) => rowOf(event)),
          ),
        ),
      );
      const written = (await rowsIn(store.files)).map(({ event_id }) => event_id);
      const wanted = [...new Set(events.flat())].map((event) => rowOf(event).event_id);
      expect([...written].sort()).toEqual(wanted.sort());
    }),
    { numRuns: 40 },
  );
});

/** As SQS does: what was not taken comes again. */
async function untilTaken(
  handler: ReturnType<typeof writer>['handler'],
  rows: readonly OutcomeRow[],
): Promise<void> {
  for (let left = rows; left.length > 0; ) {
    const { batchItemFailures } = await handler(bodiesOf(left), PLENTY);
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    left = left.filter((_row, index) => failed.has(`m${index}`));
  }
}

describe('while S3 is known to be down', () => {
  test('no file is begun, outcomes are held, and one that is none is a dead letter all the same', async () => {
    const store = memoryLakeFiles();
    const { handler, dead, hidden, circuits } = writer(store);
    await circuits.open('s3');
    expect(await handler(batchOf([outcomeBody(rowOf(1)), '{}']), PLENTY)).toEqual(kept(['m0']));
    expect(store.files.size).toBe(0);
    expect(hidden.size).toBe(1);
    expect(dead).toHaveLength(1);
  });

  test('what has been held for too long is archived', async () => {
    const { handler, circuits, later } = writer(memoryLakeFiles());
    await circuits.open('s3');
    later(7_200);
    expect(await handler(bodiesOf([rowOf(1)]), PLENTY)).toEqual(kept([]));
    expect(circuits.archived.map(({ messageId }) => messageId)).toEqual(['m0']);
  });
});
