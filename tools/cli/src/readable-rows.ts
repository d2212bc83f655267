import type { Colors } from 'picocolors/types.js';
import { displayWidth, LINE_CHARACTERS, NOTHING, table, visible, wrapped } from './readable.ts';
import type { ResultColumn } from './sql-values.ts';

/** The widest cells that are tried, best first: an id is not broken if it can be helped. */
const CELL_CHARACTERS = [60, 40, 24];
const GAP = 2;

/**
 * Rows of any query for people: a table where it fits into a line, numbers to the right; else one row below the other, as
 * a table of thirty columns cannot be read.
 */
export function readableRows(
  columns: readonly ResultColumn[],
  rows: readonly (readonly unknown[])[],
  colors: Colors,
): string {
  const texts = rows.map((row) => row.map(cellOf));
  const widest = columns.map(({ name }, index) =>
    Math.max(displayWidth(name), ...texts.map((row) => displayWidth(row[index] ?? ''))),
  );
  const limit = CELL_CHARACTERS.find(
    (cell) => widest.reduce((sum, width) => sum + Math.min(width, cell) + GAP, 0) <= LINE_CHARACTERS + GAP,
  );
  if (limit === undefined) return records(columns, texts, colors);
  return table(
    columns.map(({ name, isNumber }) => ({
      title: visible(name),
      maxCharacters: limit,
      ...(isNumber && { align: 'right' as const }),
    })),
    texts,
    colors,
  );
}

function records(
  columns: readonly ResultColumn[],
  rows: readonly (readonly (string | undefined)[])[],
  colors: Colors,
): string {
  const width = Math.max(...columns.map(({ name }) => displayWidth(name)));
  const line = (name: string, text: string | undefined): string => {
    const lead = visible(name).padEnd(width + GAP);
    if (text === undefined) return colors.dim(`${lead}${NOTHING}`);
    return `${colors.dim(lead)}${wrapped(lead, text).slice(lead.length)}`;
  };
  return rows
    .map((row, index) =>
      [colors.dim(`row ${index + 1}`), ...columns.map(({ name }, column) => line(name, row[column]))].join(
        '\n',
      ),
    )
    .join('\n\n');
}

/** Sums of doubles end in noise; people need none of it. */
const SHOWN_DIGITS = 12;

/** `undefined` for null; an empty text shows as such. Timestamps lose milliseconds that are none. */
function cellOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (value === '') return '""';
  if (Array.isArray(value)) return value.map((item) => cellOf(item) ?? NOTHING).join(', ') || '[]';
  if (typeof value === 'number') return String(Number(value.toPrecision(SHOWN_DIGITS)));
  if (typeof value !== 'string') return visible(JSON.stringify(value));
  return visible(value).replace(/^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\.000Z$/, '$1Z');
}
