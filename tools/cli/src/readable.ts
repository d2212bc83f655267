import Table from 'cli-table3';
import type { Colors } from 'picocolors/types.js';

/** How many characters of a long hash people see; commands that take the hash also take so short a start of it. */
const SHORT_CHARACTERS = 12;
const INVISIBLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

export interface Column {
  readonly title: string;
  readonly maxCharacters: number;
}

/**
 * A table without lines, narrow columns wrapped. What is in it may come from outside: no character of it moves the
 * cursor, colours the terminal or reorders text.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly unknown[])[],
  colors: Colors,
): string {
  const texts = rows.map((row) => row.map(cellText));
  const colWidths = columns.map(({ title, maxCharacters }, index) => {
    const longest = Math.max(title.length, ...texts.map((row) => row[index]?.length ?? 0));
    return Math.min(longest, maxCharacters) + GAP;
  });
  const made = new Table({
    head: columns.map(({ title }) => title),
    colWidths,
    wordWrap: true,
    wrapOnWordBoundary: false,
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP },
  });
  made.push(...texts);
  const [titles = '', ...lines] = made
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
  // Coloured last: the table would break colour codes as it breaks long cells.
  return [colors.dim(titles), ...lines].join('\n');
}

const GAP = 2;
const NO_LINES = Object.fromEntries(
  [
    ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
    ['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ]
    .flat()
    .map((name) => [name, '']),
);

function cellText(value: unknown): string {
  if (value === undefined || value === null || value === '') return '–';
  return visible(typeof value === 'string' ? value : JSON.stringify(value));
}

/** Foreign text on one line, nothing in it invisible. */
export function visible(text: string): string {
  return text.replaceAll(INVISIBLE, '\u{FFFD}');
}

/** The same for text of several lines. */
export function visibleLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => line.split('\t').map(visible).join('\t'))
    .join('\n');
}

export function short(text: string): string {
  return text.length > SHORT_CHARACTERS + 4 ? `${text.slice(0, SHORT_CHARACTERS)}…` : text;
}

/** ISO 8601 to the second, which is enough for people. */
export function shortTime(time: Date | string | undefined): string {
  if (time === undefined) return '';
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** `90` as `1 min 30 s`: the two largest units, without a zero. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const index = UNITS.findIndex(([unitSeconds]) => whole >= unitSeconds);
  const [large, small] = UNITS.slice(index < 0 ? -1 : index);
  if (large === undefined) return '0 s';
  const count = Math.floor(whole / large[0]);
  const rest = small === undefined ? 0 : Math.floor((whole - count * large[0]) / small[0]);
  return small === undefined || rest === 0
    ? `${count} ${large[1]}`
    : `${count} ${large[1]} ${rest} ${small[1]}`;
}

const UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
];

const LINE_CHARACTERS = 98;

/** A sentence broken at spaces, later lines indented as far as its first word; ids are never broken. */
export function wrapped(lead: string, text: string): string {
  const lines: string[] = [];
  let line = lead;
  for (const word of visible(text).split(' ')) {
    const isFirst = line.length === lead.length;
    if (!isFirst && line.length + 1 + word.length > LINE_CHARACTERS) {
      lines.push(line);
      line = ' '.repeat(lead.length) + word;
    } else line += isFirst ? word : ` ${word}`;
  }
  return [...lines, line].join('\n');
}

/** Counts in plain English: `1 event`, `2 events`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
