import Table from 'cli-table3';
import { MAX_SPREAD, type Row, verdictOf } from './row.ts';

const HEAD = ['benchmark', 'measure', 'median', 'spread', 'target', 'verdict'];
const BEGIN = '<!-- bench:begin -->';
const END = '<!-- bench:end -->';

/** The table for a terminal. */
export function terminalTable(rows: readonly Row[]): string {
  const table = new Table({
    head: HEAD,
    style: { head: [], border: [] },
    colAligns: ['left', 'left', 'right', 'right', 'right'],
  });
  table.push(...rows.map(cells));
  return table.toString();
}

/** The table and what was measured on, for a document. */
export function markdownTable(rows: readonly Row[], run: string): string {
  const line = (each: readonly string[]) => `| ${each.join(' | ')} |`;
  const rule = '| --- | --- | ---: | ---: | ---: | --- |';
  return [run, '', line(HEAD), rule, ...rows.map((row) => line(cells(row)))].join('\n');
}

/** The document with its table replaced. @throws Error when it has no place for one */
export function withTable(document: string, table: string): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`the document needs ${BEGIN} and, after it, ${END}`);
  return `${document.slice(0, begin)}${BEGIN}\n\n${table}\n\n${document.slice(end)}`;
}

function cells(row: Row): string[] {
  const { benchmark, measure, value, unit, target } = row;
  return [
    benchmark,
    measure,
    quantity(value, unit),
    apartText(row),
    target === undefined ? '' : targetText(target, unit),
    verdictText(row),
  ];
}

function apartText({ spread, margin, unit }: Row): string {
  if (margin !== undefined) return `± ${quantity(margin, unit)}`;
  return spread === undefined ? 'none' : `${(spread * 100).toFixed(0)} %`;
}

function targetText(target: NonNullable<Row['target']>, unit: string): string {
  return 'atMost' in target ? `≤ ${quantity(target.atMost, unit)}` : `≥ ${quantity(target.atLeast, unit)}`;
}

function verdictText(row: Row): string {
  const verdict = verdictOf(row);
  if (verdict === 'no target') return (row.spread ?? 0) > MAX_SPREAD ? 'noisy' : '';
  return verdict;
}

/** Three figures, or all before the point. */
function quantity(value: number, unit: string): string {
  const digits = unit === '×' ? 2 : value >= 100 ? 0 : 1;
  return `${value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${unit}`;
}
