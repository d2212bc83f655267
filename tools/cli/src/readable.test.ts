import { expect, test } from '@jest/globals';
import pc from 'picocolors';
import { displayWidth, duration, size, table, visibleLines, wrapped } from './readable.ts';

test.each([
  [0, '0 s'],
  [59, '59 s'],
  [60, '1 min'],
  [3_723, '1 h 2 min'],
  [180_000, '2 d 2 h'],
])('%d seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test('foreign text cannot steer the terminal', () => {
  const hostile = 'a\u001b[31mb\u202ec\rd';
  const printed = table([{ title: 'x', maxCharacters: 30 }], [[hostile]], pc.createColors(false));
  for (const text of [printed, visibleLines(hostile), wrapped('', hostile)])
    expect(text).not.toMatch(/\u001b|\u202e|\r/);
});

test('long cells and sentences are broken, ids in sentences are not', () => {
  const cells = table([{ title: 'id', maxCharacters: 10 }], [['x'.repeat(25)]], pc.createColors(false));
  expect(cells.split('\n').filter((line) => line.startsWith('x'))).toEqual([
    'x'.repeat(10),
    'x'.repeat(10),
    'x'.repeat(5),
  ]);
  const id = 'y'.repeat(120);
  const lines = wrapped('  ', `${'word '.repeat(30)}${id}`).split('\n');
  expect(lines.at(-1)).toBe(`  ${id}`);
  expect(lines.slice(0, -1).every((line) => line.length <= 98)).toBe(true);
});

test('titles are coloured whole', () => {
  const printed = table([{ title: 'deliveryId', maxCharacters: 12 }], [['x']], pc.createColors(true));
  expect(printed).toBe(`${pc.createColors(true).dim('deliveryId')}\nx`);
});

test('columns of a terminal are counted, not characters', () => {
  expect(['abc', '日本', '😀', 'é', 'e\u0301', '–'].map(displayWidth)).toEqual([3, 4, 2, 1, 1, 1]);
  const printed = table([{ title: 'x', maxCharacters: 8 }], [['日本語文']], pc.createColors(false));
  expect(printed).toBe('x\n日本語文');
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_500, '1.5 KB'],
  [123_456, '123 KB'],
  [4_400_000, '4.4 MB'],
  [1e12, '1.0 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(size(bytes)).toBe(text);
});
