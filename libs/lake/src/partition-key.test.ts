import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { partitionKey } from './partition-key.ts';
import { outcomeRow } from './sample-rows.ts';

test('a row lies by source, and by day and hour of its event in UTC', () => {
  expect(partitionKey(outcomeRow(), 1)).toBe('outcomes/source=main/dt=2026-11-20/hour=14/part-0.parquet');
});

test('the last moment of a day in one zone may be another day in UTC', () => {
  const row = outcomeRow({ occurred_at: '2026-12-31T23:59:59.999-01:00' });
  expect(partitionKey(row, 1)).toBe('outcomes/source=main/dt=2027-01-01/hour=00/part-0.parquet');
});

test.each([
  ['a slash', 'a/b', 'a%2Fb'],
  ['an equals sign', 'dt=2020', 'dt%3D2020'],
  ['the folder above', '..', '%2E%2E'],
  ['a percent sign', '100%', '100%25'],
  ['a space and a plus', 'a +b', 'a%20%2Bb'],
  ['emoji', '☎🙂', '%E2%98%8E%F0%9F%99%82'],
  ['half an emoji', '\uD83D', '%EF%BF%BD'],
  ['the null of Hive', '__HIVE_DEFAULT_PARTITION__', '__HIVE_DEFAULT_PARTITION__'],
  ['nothing', '', ''],
])('a source of %s keeps the key safe', (_case, source, encoded) => {
  expect(partitionKey(outcomeRow({ source }), 1)).toBe(
    `outcomes/source=${encoded}/dt=2026-11-20/hour=14/part-0.parquet`,
  );
});

test('no source leaves its place in the key, and no two share one', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (one, other) => {
      const [first, second] = [one, other].map((source) => partitionKey(outcomeRow({ source }), 1));
      expect(first).toMatch(/^outcomes\/source=[\w%-]*\/dt=2026-11-20\/hour=14\/part-0\.parquet$/);
      expect(first === second).toBe(one === other);
    }),
  );
});

test.each(['c/1', 'c=1', '../c', '🙂', '', 'x'.repeat(100_000)])(
  'the conversation id %p has no part in the key but its shard',
  (conversation_id) => {
    expect(partitionKey(outcomeRow({ conversation_id }), 8)).toMatch(
      /^outcomes\/source=main\/dt=2026-11-20\/hour=14\/part-[0-7]\.parquet$/,
    );
  },
);

test('conversations spread over the shards, and each stays in its own', () => {
  const shardOf = (conversation: number) =>
    partitionKey(outcomeRow({ conversation_id: `c${conversation}` }), 4);
  const counts = Map.groupBy(
    Array.from({ length: 4_000 }, (_, index) => index),
    shardOf,
  );
  expect(counts.size).toBe(4);
  for (const conversations of counts.values()) expect(conversations.length).toBeGreaterThan(800);
  expect(shardOf(17)).toBe(shardOf(17));
});

test('a row without a time has no place', () => {
  expect(() => partitionKey(outcomeRow({ occurred_at: 'soon' }), 1)).toThrow(RangeError);
});
