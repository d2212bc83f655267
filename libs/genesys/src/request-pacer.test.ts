import { type WarpedClock, warpedClock } from '@aftercall/oauth';
import { describe, expect, test } from '@jest/globals';
import { createRequestPacer, type RequestPacer, type Turn } from './index.ts';

const unhurried = { remainingMillis: () => Infinity };

function setUp() {
  const clock = warpedClock();
  const pacer = createRequestPacer(clock);
  return { clock, pacer };
}

async function turnOf(pacer: RequestPacer): Promise<Turn> {
  const turn = await pacer.turn(unhurried);
  if (turn.outcome === 'turn') return turn;
  throw new Error('there was no turn');
}

/** When each of so many requests, which are never answered, may go. */
async function timesOf(count: number, pacer: RequestPacer, clock: WarpedClock): Promise<number[]> {
  const startedAt = clock.elapsedMillis();
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    await turnOf(pacer);
    times.push(clock.elapsedMillis() - startedAt);
  }
  return times;
}

test('the first request goes alone, the others when its answer has come', async () => {
  const { clock, pacer } = setUp();
  const first = await turnOf(pacer);
  const went: number[] = [];
  const others = [1, 2, 3].map(async (index) => {
    await turnOf(pacer);
    went.push(index);
  });
  await clock.sleep(500);
  expect(went).toEqual([]);
  first.answered({ remaining: 10, resetMillis: 60_000 });
  await Promise.all(others);
  expect(went).toEqual([1, 2, 3]);
  expect(clock.elapsedMillis()).toBe(500);
});

test('after a first request without an answer another one goes ahead', async () => {
  const { clock, pacer } = setUp();
  const first = await turnOf(pacer);
  const second = turnOf(pacer);
  first.failed();
  await second;
  expect(clock.elapsedMillis()).toBe(0);
});

test('no more requests are on their way than there is room for', async () => {
  const { clock, pacer } = setUp();
  (await turnOf(pacer)).answered({ remaining: 2, resetMillis: 10_000 });
  expect(await timesOf(3, pacer, clock)).toEqual([0, 0, 11_000]);
});

test('the end of the window is the earliest that any answer spoke of: a slow one was true when it was sent', async () => {
  const { clock, pacer } = setUp();
  (await turnOf(pacer)).answered({ remaining: 1, resetMillis: 20_000 });
  const slow = await turnOf(pacer);
  clock.pass(5_000);
  slow.answered({ remaining: 0, resetMillis: 20_000 });
  expect(await timesOf(1, pacer, clock)).toEqual([16_000]);
});

test('an answer that comes after the end of its window says nothing about the next one', async () => {
  const { clock, pacer } = setUp();
  (await turnOf(pacer)).answered({ remaining: 5, resetMillis: 10_000 });
  const late = await turnOf(pacer);
  clock.pass(11_000);
  (await turnOf(pacer)).answered({ remaining: 299, resetMillis: 60_000 });
  late.answered({ remaining: 0, resetMillis: 1_000 });
  expect(await timesOf(3, pacer, clock)).toEqual([0, 0, 0]);
});

describe('after a 429', () => {
  test('nobody goes before the time, and then one goes alone, whatever was known before', async () => {
    const { clock, pacer } = setUp();
    (await turnOf(pacer)).answered({ remaining: 100, resetMillis: 60_000 });
    (await turnOf(pacer)).throttled(5_000);
    const times: number[] = [];
    const first = turnOf(pacer).then((turn) => {
      times.push(clock.elapsedMillis());
      return turn;
    });
    const second = turnOf(pacer).then(() => times.push(clock.elapsedMillis()));
    const turn = await first;
    await clock.sleep(300);
    turn.answered({ remaining: 100, resetMillis: 60_000 });
    await second;
    expect(times).toEqual([5_000, 5_300]);
  });

  test('another one that was on its way already can only make the wait longer', async () => {
    const { clock, pacer } = setUp();
    (await turnOf(pacer)).answered({ remaining: 100, resetMillis: 60_000 });
    const [first, second] = [await turnOf(pacer), await turnOf(pacer)];
    first.throttled(5_000);
    second.throttled(3_000);
    expect(await timesOf(1, pacer, clock)).toEqual([5_000]);
  });
});

test('who has no time to wait is told how long it would be', async () => {
  const { pacer } = setUp();
  (await turnOf(pacer)).throttled(30_000);
  expect(await pacer.turn({ remainingMillis: () => 29_000 })).toEqual({
    outcome: 'too-long',
    waitMillis: 30_000,
  });
});

test('who waits for the answer to another request does so no longer than there is time', async () => {
  const { clock, pacer } = setUp();
  await turnOf(pacer);
  expect(await pacer.turn({ remainingMillis: () => 2_000 - clock.elapsedMillis() })).toMatchObject({
    outcome: 'too-long',
  });
  expect(clock.elapsedMillis()).toBe(2_000);
});

test('an abort ends the waiting with its reason', async () => {
  const { pacer } = setUp();
  await turnOf(pacer);
  const controller = new AbortController();
  const turn = pacer.turn({ ...unhurried, signal: controller.signal });
  controller.abort(new Error('the run is over'));
  await expect(turn).rejects.toThrow('the run is over');
});
