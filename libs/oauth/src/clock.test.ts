import { expect, test } from '@jest/globals';
import { elapsedMillis, systemClock } from './clock.ts';
import { warpedClock } from './warped-clock.ts';

function readings() {
  const at = { monotonic: 5_000, wall: Date.parse('2026-11-22T10:00:00Z') };
  const elapsed = elapsedMillis({ monotonicMillis: () => at.monotonic, wallMillis: () => at.wall });
  const start = elapsed();
  return {
    since: () => elapsed() - start,
    pass: (monotonic: number, wall = monotonic) => {
      at.monotonic += monotonic;
      at.wall += wall;
    },
  };
}

test('time passes as the monotonic clock says', () => {
  const { since, pass } = readings();
  pass(1_234.5);
  expect(since()).toBe(1_234.5);
});

test('a wall clock that is set back by an hour changes nothing', () => {
  const { since, pass } = readings();
  pass(10, -3_600_000);
  expect(since()).toBe(10);
  pass(10);
  expect(since()).toBe(20);
});

test('the time in which the process was frozen counts, once', () => {
  const { since, pass } = readings();
  pass(10, 600_010);
  expect(since()).toBe(600_010);
  pass(10);
  expect(since()).toBe(600_020);
});

test('a wall clock that drifts or ticks coarsely adds nothing', () => {
  const { since, pass } = readings();
  for (let tick = 0; tick < 1_000; tick += 1) {
    pass(10, tick % 2 === 0 ? 0 : 30);
    since();
  }
  expect(since()).toBe(10_000);
});

test('the system clock sleeps about as long as it is told, and not at all after an abort', async () => {
  const clock = systemClock();
  const before = clock.elapsedMillis();
  await clock.sleep(20);
  expect(clock.elapsedMillis() - before).toBeGreaterThan(15);
  await expect(clock.sleep(60_000, AbortSignal.abort())).rejects.toThrow();
});

test('the warped clock lets a day pass at once, in the order in which sleepers wake', async () => {
  const clock = warpedClock();
  const woken: string[] = [];
  const sleep = async (name: string, millis: number) => {
    await clock.sleep(millis);
    woken.push(`${name} at ${clock.elapsedMillis()}`);
  };
  await Promise.all([sleep('late', 86_400_000), sleep('early', 1_000), sleep('middle', 60_000)]);
  expect(woken).toEqual(['early at 1000', 'middle at 60000', 'late at 86400000']);
});

test('a sleep on the warped clock ends with an abort', async () => {
  const controller = new AbortController();
  const sleep = warpedClock().sleep(1_000, controller.signal);
  controller.abort();
  await expect(sleep).rejects.toThrow('aborted');
});
