import { expect, test } from '@jest/globals';
import { fullJitter, retryAfterSeconds } from './index.ts';

const date = 'Sun, 22 Nov 2026 10:00:00 GMT';

test.each([
  ['seconds', { 'retry-after': '17' }, 17],
  ['no wait at all', { 'retry-after': '0' }, 0],
  ['seconds with space around', { 'retry-after': ' 17 ' }, 17],
  [
    'a date, measured against that of the answer',
    { 'retry-after': 'Sun, 22 Nov 2026 10:01:30 GMT', date },
    90,
  ],
  ['a date without that of the answer', { 'retry-after': 'Sun, 22 Nov 2026 10:01:30 GMT' }, undefined],
  ['a date that is past', { 'retry-after': 'Sun, 22 Nov 2026 09:59:59 GMT', date }, undefined],
  ['nothing', {}, undefined],
  ['an empty text', { 'retry-after': '' }, undefined],
  ['a word', { 'retry-after': 'soon' }, undefined],
  ['a negative number', { 'retry-after': '-5' }, undefined],
  ['a fraction', { 'retry-after': '1.5' }, undefined],
  ['an epoch time', { 'retry-after': '1795341600' }, undefined],
  ['more than a day', { 'retry-after': '86401' }, undefined],
  ['a date of another form', { 'retry-after': '2026-11-22T10:01:30Z', date }, undefined],
  ['two values', { 'retry-after': '5, 7' }, undefined],
])('Retry-After: %s', (_case, headers, seconds) => {
  expect(retryAfterSeconds(new Headers(headers as Record<string, string>))).toBe(seconds);
});

test('a back-off lies between nothing and a bound that doubles up to its maximum', () => {
  const bounds = { base: 1, max: 10 };
  const almostOne = () => 0.999;
  expect([1, 2, 3, 4, 5, 99].map((retry) => Math.ceil(fullJitter(retry, bounds, almostOne)))).toEqual([
    1, 2, 4, 8, 10, 10,
  ]);
  expect(fullJitter(5, bounds, () => 0)).toBe(0);
});
