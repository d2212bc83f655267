import { describe, expect, test } from '@jest/globals';
import { ratioRow, type Row, sampledRow, verdictOf } from './row.ts';
import { median, percentile, slopeOf, spread } from './statistics.ts';

test.each([
  ['an odd number of samples', [9, 1, 5], 5],
  ['an even number of samples', [4, 1, 3, 2], 2.5],
  ['numbers, not texts', [10, 9, 100], 10],
  ['a single sample', [7], 7],
])('the median is the middle of %s', (_case, samples, expected) => {
  expect(median(samples)).toBe(expected);
});

test('there is no median of nothing', () => {
  expect(() => median([])).toThrow(RangeError);
});

test('the median leaves its samples in their order', () => {
  const samples = [3, 1, 2];
  median(samples);
  expect(samples).toEqual([3, 1, 2]);
});

test('the spread is the distance of the extremes as a share of the median', () => {
  expect(spread([8, 10, 13])).toBe(0.5);
  expect(spread([4, 4, 4])).toBe(0);
});

test('of ten samples or more, a tenth at each end is left out of the spread', () => {
  expect(spread([1, 10, 10, 10, 10, 10, 10, 10, 10, 90])).toBe(0);
  expect(spread([1, 10, 10, 10, 10, 10, 10, 10, 90])).toBeGreaterThan(1);
});

describe('a verdict', () => {
  const row: Row = { benchmark: 'b', measure: 'm', unit: 'ms', value: 100 };

  test.each([
    ['at the upper bound', 'met', { atMost: 100 }],
    ['above the upper bound', 'over', { atMost: 99 }],
    ['at the lower bound', 'met', { atLeast: 100 }],
    ['below the lower bound', 'over', { atLeast: 101 }],
  ] as const)('%s is "%s"', (_case, expected, target) => {
    expect(verdictOf({ ...row, spread: 0.3, target })).toBe(expected);
  });

  test.each([{ atMost: 1 }, { atMost: 1000 }])(
    'is not given when samples lie too far apart (%o)',
    (target) => {
      expect(verdictOf({ ...row, spread: 0.31, target })).toBe('too noisy to tell');
      expect(verdictOf({ ...row, spread: NaN, target })).toBe('too noisy to tell');
    },
  );

  test('is "not measured" for what is no number', () => {
    expect(verdictOf({ ...row, value: NaN, target: { atMost: 1 } })).toBe('not measured');
  });
});

test('a ratio is of samples that were taken one after the other, and as unsure as these', () => {
  const ours = [20, 42, 24];
  const floor = [10, 20, 10];
  const { value, spread: apart } = ratioRow({ benchmark: 'b', measure: 'm' }, ours, floor);
  expect(value).toBe(2.1);
  expect(apart).toBeCloseTo(0.4 / 2.1);
  expect(ratioRow({ benchmark: 'b', measure: 'm' }, [1, 2], [1]).value).toBeNaN();
  expect(sampledRow({ benchmark: 'b', measure: 'm', unit: 'ms' }, ours)).toMatchObject({
    value: 24,
    unit: 'ms',
  });
});

test.each([
  ['the middle', [5, 1, 3, 2, 4], 50, 3],
  ['the largest of a few', [5, 1, 3, 2, 4], 99.9, 5],
  ['one of a hundred from the top', Array.from({ length: 100 }, (_, index) => index + 1), 99, 99],
  ['the smallest', [5, 1, 3], 0, 1],
])('a percentile is a sample: %s', (_case, samples, percent, expected) => {
  expect(percentile(samples, percent)).toBe(expected);
});

test('the slope of a line is its own, without an error', () => {
  const { perStep, error } = slopeOf([0, 1, 2, 3].map((x) => [x, 5 + 2 * x]));
  expect(perStep).toBeCloseTo(2);
  expect(error).toBeCloseTo(0);
});

test('noise makes an error, and no slope beyond a few times that', () => {
  const noise = [3, -2, 4, -5, 1, 2, -4, 1];
  const { perStep, error } = slopeOf(noise.map((y, x) => [x, y]));
  expect(error).toBeGreaterThan(0.1);
  expect(Math.abs(perStep)).toBeLessThan(3 * error);
});

test('two samples have no error to speak of', () => {
  expect(() =>
    slopeOf([
      [0, 1],
      [1, 2],
    ]),
  ).toThrow(RangeError);
});
