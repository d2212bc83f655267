import { expect, test } from '@jest/globals';
import { refusalOf } from './refusal-of.ts';
import { fullRow } from './sample-rows.ts';

test('a good row has a place', () => {
  expect(refusalOf(fullRow())).toBeUndefined();
});

test.each([
  ['a leap second, which has no epoch time', { occurred_at: '2016-12-31T23:59:60Z' }, '/occurred_at'],
  ['no time at all', { received_at: 'soon' }, '/received_at'],
  ['a year of five digits in UTC', { occurred_at: '9999-12-31T23:59:59-10:00' }, '/occurred_at'],
  ['a year before the first', { occurred_at: '0000-01-01T00:00:00+10:00' }, '/occurred_at'],
  ['columns that this writer does not know', { schema_version: 2 }, '/schema_version'],
  ['a source too long for a key', { source: '🙂'.repeat(100) }, '/source'],
])('%s is refused by name and without its value', (_case, changes, pointer) => {
  const refusal = refusalOf(fullRow(changes));
  expect(refusal?.split(':')[0]).toBe(pointer);
  expect(refusal).not.toContain(String(Object.values(changes)[0]));
});
