import { expect, test } from '@jest/globals';
import { type ScaleModel, simulateScale } from './simulate-scale.ts';

const model: ScaleModel = {
  eventsPerSecond: 1_000,
  seconds: 10,
  conversations: 100_000,
  hotShare: 0,
  concurrency: 1_000,
  batchSize: 10,
  eventMillis: 40,
  groupMillis: 2,
  partitions: 100,
  writeUnitsPerEvent: 3,
  writeUnitsPerPartitionSecond: 1_000,
  seed: 7,
};

test('one seed gives one result, another seed another with the same events a second', () => {
  expect(simulateScale(model)).toEqual(simulateScale(model));
  const other = simulateScale({ ...model, seed: 8 });
  expect(other).not.toEqual(simulateScale(model));
  expect(other.events / 10_000).toBeCloseTo(1, 1);
});

test('with enough of everything an event takes as long as its work, and as many run as Little’s law says', () => {
  const { p50, p99, peakConcurrency, throttledShare } = simulateScale(model);
  expect(p50).toBeCloseTo(40, 0);
  expect(p99).toBeLessThan(60);
  // 1,000 a second, 40 ms each: 40 on average.
  expect(peakConcurrency).toBeGreaterThan(40);
  expect(peakConcurrency).toBeLessThan(80);
  expect(throttledShare).toBe(0);
});

test('too few invocations at a time: as many effects as they can do, and the rest waits', () => {
  const { eventsPerSecond, drainMillis, p99 } = simulateScale({ ...model, batchSize: 1, concurrency: 20 });
  // Twenty at a time, 25 a second each.
  expect(eventsPerSecond / 500).toBeCloseTo(1, 1);
  expect(drainMillis).toBeGreaterThan(8_000);
  expect(p99).toBeGreaterThan(8_000);
});

test('larger batches do with fewer invocations', () => {
  const { p99, drainMillis } = simulateScale({ ...model, concurrency: 20 });
  expect(drainMillis).toBeLessThan(200);
  expect(p99).toBeLessThan(200);
});

test('one conversation’s events go one after the other, and the others do not wait for them', () => {
  const quiet = simulateScale(model);
  const { hotP99 = 0, p99, drainMillis } = simulateScale({ ...model, hotShare: 0.05 });
  // Fifty a second come and twenty-five a second go.
  expect(hotP99).toBeGreaterThan(8_000);
  expect(drainMillis).toBeGreaterThan(8_000);
  expect(p99).toBeLessThan(2 * quiet.p99);
});

test('too few partitions: as many effects as they can write', () => {
  const { eventsPerSecond, throttledShare } = simulateScale({ ...model, partitions: 2, seconds: 30 });
  // Two thousand units a second, three for each event.
  expect(eventsPerSecond / 667).toBeCloseTo(1, 0);
  expect(throttledShare).toBeGreaterThan(0.5);
});
