import Table from 'cli-table3';
import type { Colors } from 'picocolors/types.js';

/** How many characters of a long hash people see; commands that take the hash also take so short a start of it. */
const SHORT_CHARACTERS = 12;
const INVISIBLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

export interface Column {
  readonly title: string;
  readonly maxCharacters: number;
  /** Numbers stand to the right. */
  readonly align?: 'left' | 'right';
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
    const longest = Math.max(displayWidth(title), ...texts.map((row) => displayWidth(row[index] ?? NOTHING)));
    return Math.min(longest, maxCharacters) + GAP;
  });
  const made = new Table({
    head: columns.map(({ title }) => title),
    colWidths,
    colAligns: columns.map(({ align = 'left' }) => align),
    wordWrap: true,
    wrapOnWordBoundary: false,
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP },
  });
  made.push(...texts.map((row) => row.map((text) => text ?? EMPTY_CELL)));
  const [titles = '', ...lines] = made
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
  // Coloured last: the table would break colour codes as it breaks long cells.
  return [colors.dim(titles), ...lines].join('\n').replaceAll(EMPTY_CELL, colors.dim(NOTHING));
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

/** What an empty cell shows. */
export const NOTHING = '–';
/** Its place until it is coloured: a code point that Unicode keeps free of any use. */
const EMPTY_CELL = '\u{FDD0}';

function cellText(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
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

/** Characters that take two columns of a terminal: East Asian ones and emoji. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\uff01-\uff60]/gu;
const WITHOUT_WIDTH = /\p{M}|\u200d/gu;

/** How many columns of a terminal a text takes, about. */
export function displayWidth(text: string): number {
  const characters = text.replaceAll(WITHOUT_WIDTH, '');
  return [...characters].length + (characters.match(WIDE)?.length ?? 0);
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

/** What a line of text takes at most. */
export const LINE_CHARACTERS = 98;

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

/** `1536` as `1.5 KB`: decimal units, as S3's bills have them. */
export function size(bytes: number): string {
  const index = SIZE_UNITS.findIndex(([unitBytes]) => bytes >= unitBytes);
  const [unitBytes, name] = SIZE_UNITS[index] ?? [1, 'B'];
  const count = bytes / unitBytes;
  return `${count >= 100 || unitBytes === 1 ? Math.round(count) : count.toFixed(1)} ${name}`;
}

const SIZE_UNITS: readonly (readonly [bytes: number, name: string])[] = [
  [1e12, 'TB'],
  [1e9, 'GB'],
  [1e6, 'MB'],
  [1e3, 'KB'],
];

/** Counts in plain English: `1 event`, `2 events`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
