import { expect, test } from '@jest/globals';
import { percentile } from './demo-report.ts';

test('a percentile is the value that so many do not exceed', () => {
  const hundred = Array.from({ length: 100 }, (_value, index) => 100 - index);
  expect([percentile(hundred, 50), percentile(hundred, 99), percentile([7], 99), percentile([], 50)]).toEqual(
    [50, 99, 7, 0],
  );
});
