import { expect, test } from '@jest/globals';

import { seededRandom } from './random.ts';

test('the same seed gives the same numbers, another seed others', () => {
  const draw = (seed: number) => {
    const random = seededRandom(seed);
    return [random.next(), random.between(1, 1_000), random.uuid(), random.shuffled([1, 2, 3, 4, 5, 6])];
  };
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

test('numbers stay within their bounds and reach them', () => {
  const random = seededRandom(1);
  const drawn = Array.from({ length: 500 }, () => random.between(2, 5));
  expect([Math.min(...drawn), Math.max(...drawn)]).toEqual([2, 5]);
  expect(random.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
});
