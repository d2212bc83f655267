import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import type { OutcomeRow } from '@aftercall/schemas';
import fc from 'fast-check';
import { encodeOutcomes, mergeOutcomes } from './merge-outcomes.ts';
import { readOutcomes } from './read-outcomes.ts';
import { fullRow, outcomeRow } from './sample-rows.ts';

const idsIn = async (bytes: Uint8Array) => (await readOutcomes(bytes)).map(({ event_id }) => event_id);
const equal = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;

describe('merging', () => {
  test('into no file makes one', async () => {
    const rows = [fullRow(), outcomeRow({ event_id: 'e2#c2/-' })];
    const merged = await mergeOutcomes(undefined, rows);
    expect(merged).toMatchObject({ rowCount: 2, added: 2, replaced: 0 });
    await expect(readOutcomes(merged.bytes)).resolves.toEqual(rows);
    expect(equal(merged.bytes, encodeOutcomes(rows))).toBe(true);
  });

  test('keeps what is there and adds what is new', async () => {
    const first = await mergeOutcomes(undefined, [fullRow({ event_id: 'e1' })]);
    const second = await mergeOutcomes(first.bytes, [outcomeRow({ event_id: 'e2' })]);
    expect(second).toMatchObject({ rowCount: 2, added: 1, replaced: 0 });
    await expect(readOutcomes(second.bytes)).resolves.toEqual([
      fullRow({ event_id: 'e1' }),
      outcomeRow({ event_id: 'e2' }),
    ]);
  });

  test('the same rows again changes no byte', async () => {
    const rows = [
      fullRow({ event_id: 'e1' }),
      outcomeRow({ event_id: 'e2' }),
      outcomeRow({ event_id: 'e3' }),
    ];
    const once = await mergeOutcomes(undefined, rows);
    const twice = await mergeOutcomes(once.bytes, rows.slice(1));
    expect(twice).toMatchObject({ rowCount: 3, added: 0, replaced: 2 });
    expect(equal(once.bytes, twice.bytes)).toBe(true);
  });

  test('a row of the same event replaces it: that is what the forced replay of a conflict does', async () => {
    const first = await mergeOutcomes(undefined, [fullRow({ keywords: ['wrong'] })]);
    const replay = fullRow({ keywords: ['right'], received_at: '2026-11-21T08:00:00.000Z' });
    const second = await mergeOutcomes(first.bytes, [replay]);
    expect(second).toMatchObject({ rowCount: 1, added: 0, replaced: 1 });
    await expect(readOutcomes(second.bytes)).resolves.toEqual([replay]);
    expect(Buffer.from(second.bytes).includes('wrong')).toBe(false);
  });

  test('a replay received at the same moment replaces too', async () => {
    const first = await mergeOutcomes(undefined, [fullRow({ sentiment_score: null })]);
    const second = await mergeOutcomes(first.bytes, [fullRow({ sentiment_score: -1 })]);
    await expect(readOutcomes(second.bytes)).resolves.toEqual([fullRow({ sentiment_score: -1 })]);
  });

  test('an older fact that is delivered again does not undo the replay', async () => {
    const old = fullRow({ keywords: ['wrong'] });
    const replay = fullRow({ keywords: ['right'], received_at: '2026-11-21T08:00:00.000Z' });
    const file = await mergeOutcomes(undefined, [replay]);
    const again = await mergeOutcomes(file.bytes, [old]);
    expect(again).toMatchObject({ rowCount: 1, added: 0, replaced: 0 });
    expect(equal(file.bytes, again.bytes)).toBe(true);
  });

  test('a correction under a new event id is a row of its own', async () => {
    const file = await mergeOutcomes(undefined, [fullRow({ event_id: 'e1#c1/-' })]);
    const corrected = await mergeOutcomes(file.bytes, [fullRow({ event_id: 'e1-corrected#c1/-' })]);
    await expect(idsIn(corrected.bytes)).resolves.toEqual(['e1#c1/-', 'e1-corrected#c1/-']);
  });

  test('of several rows of one event in a batch the one received last stays, whatever their order', async () => {
    const rows = ['09:00', '11:00', '10:00'].map((time) =>
      fullRow({ received_at: `2026-11-21T${time}:00.000Z`, keywords: [time] }),
    );
    const merged = await mergeOutcomes(undefined, rows);
    expect(merged).toMatchObject({ rowCount: 1, added: 1 });
    await expect(readOutcomes(merged.bytes)).resolves.toEqual([rows[1]]);
  });

  test('rows lie by time of the event, those of one moment by id', async () => {
    const rows = [
      outcomeRow({ event_id: 'b', occurred_at: '2026-11-20T14:30:00.000Z' }),
      outcomeRow({ event_id: 'c', occurred_at: '2026-11-20T14:10:00.000Z' }),
      outcomeRow({ event_id: 'a', occurred_at: '2026-11-20T14:30:00.000Z' }),
    ];
    await expect(idsIn(encodeOutcomes(rows))).resolves.toEqual(['c', 'a', 'b']);
  });

  test('of no rows leaves a file as it is', async () => {
    const file = encodeOutcomes([fullRow()]);
    const merged = await mergeOutcomes(file, []);
    expect(equal(merged.bytes, file)).toBe(true);
  });

  test('a row without a value that every row has is refused before anything is written', async () => {
    const bad = outcomeRow({ occurred_at: 'soon' });
    await expect(mergeOutcomes(undefined, [bad])).rejects.toThrow(RangeError);
  });
});

describe('a value', () => {
  test.each([
    ['texts that are not Latin', { top_intent: 'Grüße ☎ 🙂 עברית', keywords: ['日本語', 'é', 'e\u0301'] }],
    [
      'texts that look like something else',
      { sentiment_label: 'null', topics: ['', 'NULL', '\u0000', '\n'] },
    ],
    ['10,000 keywords', { keywords: Array.from({ length: 10_000 }, (_, n) => `phrase ${n % 700}`) }],
    ['a phrase of a megabyte', { keywords: ['ü'.repeat(500_000), 'short'] }],
    ['violations without a code', { violation_count: 3, violations: [], max_severity: 'unknown' as const }],
    ['no agent', { agent_id: null }],
    ['a sentiment nobody knows', { sentiment_label: 'furious', sentiment_score: null, sentiment_raw: 7 }],
    ['numbers at their ends', { sentiment_raw: 1.7976931348623157e308, empathy_score: 5e-324 }],
    ['numbers below zero', { sentiment_raw: -1e-9, empathy_score: -40 }],
    [
      'a time before 1970',
      { occurred_at: '1969-12-31T23:59:59.999Z', received_at: '0001-01-01T00:00:00.000Z' },
    ],
    ['a time of the last year', { occurred_at: '9999-12-31T23:59:59.999Z' }],
    ['a conversation id like a path', { conversation_id: '../a=b/🙂' }],
  ])('%s comes back as it went in', async (_case, changes) => {
    const rows = [fullRow(changes), outcomeRow({ event_id: 'other' })];
    const inOrder = rows.toSorted((left, right) => (left.occurred_at < right.occurred_at ? -1 : 1));
    const merged = await mergeOutcomes(encodeOutcomes(rows.slice(0, 1)), rows.slice(1));
    await expect(readOutcomes(merged.bytes)).resolves.toEqual(inOrder);
  });

  test('a time in another zone, or finer than milliseconds, comes back in UTC', async () => {
    const bytes = encodeOutcomes([fullRow({ occurred_at: '2026-11-20T15:03:27.4189+01:00' })]);
    const [row] = await readOutcomes(bytes);
    expect(row?.occurred_at).toBe('2026-11-20T14:03:27.418Z');
  });

  test('half a surrogate pair becomes what UTF-8 has for it, also in the id that rows are merged by', async () => {
    const row = outcomeRow({ event_id: 'e\uD83D', keywords: ['\uDE00', '\uFFFD'] });
    const file = await mergeOutcomes(undefined, [row]);
    const again = await mergeOutcomes(file.bytes, [row]);
    expect(again).toMatchObject({ rowCount: 1, added: 0, replaced: 1 });
    expect(equal(file.bytes, again.bytes)).toBe(true);
    await expect(readOutcomes(again.bytes)).resolves.toMatchObject([
      { event_id: 'e\uFFFD', keywords: ['\uFFFD', '\uFFFD'] },
    ]);
  });
});

describe('whatever is merged in whatever order', () => {
  const text = fc.constantFrom('', 'a', 'überweisen', '🙂', 'x'.repeat(300));
  const nullableText = fc.option(text, { nil: null });
  const texts = fc.array(text, { maxLength: 4 });
  const minute = fc.integer({ min: 0, max: 59 }).map((value) => String(value).padStart(2, '0'));
  const anyRow = fc.record({
    event_id: fc.constantFrom('e1', 'e2', 'e3', 'e4', 'ë5', 'e6'),
    occurred_at: fc.constant('2026-11-20T14:03:27.418Z'),
    received_at: minute.map((value) => `2026-11-20T15:${value}:00.000Z`),
    agent_id: nullableText,
    sentiment_score: fc.option(fc.double({ min: -1, max: 1, noNaN: true }), { nil: null }),
    keywords: texts,
    topics: texts,
    violation_count: fc.nat({ max: 2 ** 31 - 1 }),
    has_transcript: fc.boolean(),
  });

  /** Later received wins; among those received at once the last. */
  function expected(rows: readonly OutcomeRow[]): OutcomeRow[] {
    const newest = new Map<string, OutcomeRow>();
    for (const row of rows) {
      const known = newest.get(row.event_id);
      if (!known || row.received_at >= known.received_at) newest.set(row.event_id, row);
    }
    return [...newest.values()].sort((left, right) => (left.event_id < right.event_id ? -1 : 1));
  }
  const zeroed = (row: OutcomeRow): OutcomeRow => ({
    ...row,
    sentiment_score: row.sentiment_score === null ? null : row.sentiment_score + 0,
  });

  test('the file has the newest row of each event, once, and the bytes of a file made at one go', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(anyRow, { maxLength: 8 }), { minLength: 1, maxLength: 6 }),
        async (said) => {
          const batches = said.map((batch) => batch.map((row) => outcomeRow(row)));
          let bytes: Uint8Array | undefined;
          for (const batch of batches) ({ bytes } = await mergeOutcomes(bytes, batch));
          const rows = expected(batches.flat());
          expect(await readOutcomes(bytes ?? encodeOutcomes([]))).toEqual(rows.map(zeroed));
          expect(equal(bytes ?? encodeOutcomes([]), encodeOutcomes(batches.flat()))).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});

test('a file of several row groups is merged as one of a single row group is', async () => {
  const rows = Array.from({ length: 34_000 }, (_, index) =>
    outcomeRow({
      event_id: `e${index}`,
      agent_id: index % 5 === 0 ? null : `agent ${index % 300}`,
      keywords: index % 3 === 0 ? [] : [`word ${index % 1_000}`, 'other'],
      occurred_at: new Date(Date.UTC(2026, 10, 20, 14) + index).toISOString(),
      empathy_score: index / 8,
    }),
  );
  const even = rows.filter((_, index) => index % 2 === 0);
  const odd = rows.filter((_, index) => index % 2 === 1);
  const merged = await mergeOutcomes(encodeOutcomes(even), odd);
  expect(merged).toMatchObject({ rowCount: 34_000, added: 17_000, replaced: 0 });
  expect(isDeepStrictEqual(await readOutcomes(merged.bytes), rows)).toBe(true);
  expect(equal(merged.bytes, encodeOutcomes(rows))).toBe(true);
});
