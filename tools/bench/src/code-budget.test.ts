import { expect, test } from '@jest/globals';
import { overBudget } from './code-budget.ts';

const budget = { 'libs/schemas': 60_000, 'apps/ingest': 40_000 };

test('within its budget and a twentieth more there is nothing to say', () => {
  expect(overBudget('ingest', budget, budget)).toBeUndefined();
  expect(overBudget('ingest', budget, { ...budget, zod: 5_000 })).toBeUndefined();
});

test('above it, what grew is named with its growth, the largest first, and what shrank is not', () => {
  const found = { 'libs/schemas': 65_000, 'apps/ingest': 30_000, zod: 80_000 };
  expect(overBudget('ingest', budget, found)).toBe(
    'ingest loads 175.0 KB at init and may load 105.0 KB; grown: zod +80.0 KB, libs/schemas +5.0 KB',
  );
});

test('a function without a budget may load what the largest may', () => {
  expect(overBudget('new', undefined, { zod: 500_000 })).toBeUndefined();
  expect(overBudget('new', undefined, { zod: 700_000 })).toContain('zod +700.0 KB');
});
