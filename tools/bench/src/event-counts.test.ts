import { expect, test } from '@jest/globals';
import { lostAndDoubled, outOfOrder } from './event-counts.ts';

test('what was not found is lost, what was found twice is doubled, and what nobody expected is neither', () => {
  expect(lostAndDoubled(['a', 'b', 'c'], ['c', 'a', 'b'])).toEqual({ lost: 0, doubled: 0 });
  expect(lostAndDoubled(['a', 'b', 'c'], ['warm-up', 'a', 'c', 'a', 'warm-up'])).toEqual({
    lost: 1,
    doubled: 1,
  });
});

test('each event that comes after a later one is out of order', () => {
  expect(outOfOrder(['a', 'b', 'c', 'd'], ['a', 'other', 'b', 'd'])).toBe(0);
  expect(outOfOrder(['a', 'b', 'c', 'd'], ['d', 'a', 'b', 'other', 'c'])).toBe(3);
  expect(outOfOrder(['a', 'b'], ['b', 'a'])).toBe(1);
});
