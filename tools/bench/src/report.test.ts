import { expect, test } from '@jest/globals';
import { markdownTable, withTable } from './report.ts';
import type { Row } from './row.ts';

const rows: readonly Row[] = [
  { benchmark: 'b', measure: 'good', value: 419.03, unit: 'KB', target: { atMost: 450 } },
  {
    benchmark: 'b',
    measure: 'missed',
    value: 12_345.6,
    unit: '/s',
    spread: 0.05,
    target: { atLeast: 15_000 },
  },
  { benchmark: 'b', measure: 'unsure', value: 1.256, unit: '×', spread: 0.42, target: { atMost: 1.3 } },
  { benchmark: 'b', measure: 'shaky', value: 9.87, unit: 'µs', spread: 0.42 },
  ...[0.2, 1.3, 5].map((value) => ({
    ...{ benchmark: 'b', measure: 'slope', value, unit: 'KB' },
    ...{ margin: 0.75, target: { atMost: 1 } },
  })),
];

test('a row says its median, its spread, its target and what became of it', () => {
  expect(markdownTable(rows, 'here').split('\n').slice(4)).toEqual([
    '| b | good | 419 KB | none | ≤ 450 KB | met |',
    '| b | missed | 12,346 /s | 5 % | ≥ 15,000 /s | over |',
    '| b | unsure | 1.26 × | 42 % | ≤ 1.30 × | too noisy to tell |',
    '| b | shaky | 9.9 µs | 42 % |  | noisy |',
    '| b | slope | 0.2 KB | ± 0.8 KB | ≤ 1.0 KB | met |',
    '| b | slope | 1.3 KB | ± 0.8 KB | ≤ 1.0 KB | too noisy to tell |',
    '| b | slope | 5.0 KB | ± 0.8 KB | ≤ 1.0 KB | over |',
  ]);
});

test('the table replaces the one before it and nothing else', () => {
  const document = 'before\n<!-- bench:begin -->\n\nfirst\n\n<!-- bench:end -->\nafter\n';
  const second = withTable(document, 'second');
  expect(second).toBe(document.replace('first', 'second'));
  expect(withTable(second, 'first')).toBe(document);
});

test('a document without the two marks is refused', () => {
  expect(() => withTable('<!-- bench:end --><!-- bench:begin -->', 'table')).toThrow('bench:begin');
});
