import { describe, expect, jest, test } from '@jest/globals';
import { every, rateMillis } from './schedule.ts';

test.each([
  ['rate(1 minute)', 60_000],
  ['rate(5 minutes)', 300_000],
  ['rate(1 hour)', 3_600_000],
  ['rate(1 day)', 86_400_000],
  ['rate(30 days)', 2_592_000_000],
])('%s is every %i ms', (expression, millis) => {
  expect(rateMillis(expression)).toBe(millis);
});

test.each(['rate(1 minutes)', 'rate(2 hour)', 'rate(0 days)', 'rate(1 second)', 'rate(1day)', 'daily', ''])(
  '%j is refused as AWS refuses it',
  (expression) => {
    expect(() => rateMillis(expression)).toThrow('not valid');
  },
);

test('cron is refused, and what there is instead is named', () => {
  expect(() => rateMillis('cron(0 4 * * ? *)')).toThrow('such as rate(1 day), and no cron');
});

describe('on a clock of its own', () => {
  const DAY_MILLIS = 86_400_000;

  function counted(millis: number) {
    jest.useFakeTimers();
    let runs = 0;
    const end = every(millis, () => (runs += 1));
    return { end, runs: () => runs };
  }

  test('it fires at the end of each period, until it is ended', () => {
    const { end, runs } = counted(DAY_MILLIS);
    jest.advanceTimersByTime(DAY_MILLIS - 1);
    expect(runs()).toBe(0);
    jest.advanceTimersByTime(1);
    expect(runs()).toBe(1);
    jest.advanceTimersByTime(2 * DAY_MILLIS);
    expect(runs()).toBe(3);
    end();
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  test('a period that is longer than any timer does not fire at once', () => {
    const { end, runs } = counted(30 * DAY_MILLIS);
    jest.advanceTimersByTime(29 * DAY_MILLIS);
    expect(runs()).toBe(0);
    jest.advanceTimersByTime(DAY_MILLIS);
    expect(runs()).toBe(1);
    end();
    jest.useRealTimers();
  });
});
