import { expect, test } from '@jest/globals';
import pc from 'picocolors';
import { readableRows } from './readable-rows.ts';

const plain = pc.createColors(false);
const text = (name: string) => ({ name, isNumber: false });
const number = (name: string) => ({ name, isNumber: true });

test('numbers stand to the right, lists are joined, and what is null is a dash', () => {
  const rows = [
    ['agent-1', 1_200, ['billing', 'cancel'], null],
    ['agent-2', 7, [], ''],
  ];
  expect(readableRows([text('agent_id'), number('n'), text('intents'), text('queue_id')], rows, plain)).toBe(
    [
      'agent_id     n  intents          queue_id',
      'agent-1   1200  billing, cancel  –',
      'agent-2      7  []               ""',
    ].join('\n'),
  );
});

test('a dash for null is dim, and the same sign as text is not', () => {
  const colors = pc.createColors(true);
  const printed = readableRows([text('a'), text('b')], [[null, '–']], colors);
  expect(printed.split('\n')[1]).toBe(`${colors.dim('–')}  –`);
});

test('what fits into no line stands below one another, and no line is too long', () => {
  const columns = Array.from({ length: 30 }, (_value, index) => text(`column_${index}`));
  const rows = [1, 2].map((row) => columns.map(({ name }) => (row === 1 ? `${name} of a row` : null)));
  const lines = readableRows(columns, rows, plain).split('\n');
  expect(lines).toHaveLength(2 * 31 + 1);
  expect(lines.slice(0, 2)).toEqual(['row 1', 'column_0   column_0 of a row']);
  expect(lines[32]).toBe('row 2');
  expect(lines[33]).toBe('column_0   –');
  const wide = readableRows(
    [...columns, text('words')],
    [[...columns.map(() => 'x'), 'a word '.repeat(60)]],
    plain,
  );
  expect(Math.max(...wide.split('\n').map((line) => line.length))).toBeLessThanOrEqual(98);
});

test('long cells are broken before the table is given up', () => {
  const id = 'x'.repeat(70);
  const lines = readableRows([text('id'), text('other')], [[id, 'y'.repeat(50)]], plain).split('\n');
  expect(lines[0]).toMatch(/^id {2,}other$/);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(98);
});

test('the noise of doubles is not shown, nor milliseconds that are none', () => {
  const rows = [[-0.8500000000000001, '2026-11-20T08:00:00.000Z', '2026-11-20T08:00:00.120Z']];
  expect(readableRows([number('a'), text('b'), text('c')], rows, plain).split('\n')[1]).toBe(
    '-0.85  2026-11-20T08:00:00Z  2026-11-20T08:00:00.120Z',
  );
});

test('foreign text cannot steer the terminal, in a cell or as the name of a column', () => {
  const hostile = 'a\u001b[31mb\u202ec';
  for (const columns of [1, 40]) {
    const names = Array.from({ length: columns }, () => text(hostile));
    const printed = readableRows(names, [names.map(() => [hostile])], plain);
    expect(printed).not.toMatch(/\u001b|\u202e/);
  }
});
