import type { Colors } from 'picocolors/types.js';
import type { LakeCheck } from './check-lake.ts';
import { counted, size, table, wrapped } from './readable.ts';

/** What stands under a heading before `--json` is the better way to read it. */
const MAX_NAMED = 20;
const DAY_COLUMNS = [
  { title: 'day', maxCharacters: 10 },
  { title: 'files', maxCharacters: 12, align: 'right' as const },
  { title: 'rows', maxCharacters: 15, align: 'right' as const },
  { title: 'size', maxCharacters: 10, align: 'right' as const },
  { title: 'bytes a row', maxCharacters: 11, align: 'right' as const },
];

/** What `lake check` found, for people: the sum, what is wrong with names, and sizes per day. */
export function readableCheck(check: LakeCheck, colors: Colors): string {
  const { rows, files, bytes, duplicates, misplaced, unreadable, large, days } = check;
  const mark = (count: number): string => (count === 0 ? colors.green('ok ') : colors.red('bad'));
  return [
    `${counted(rows, 'row')} in ${counted(files, 'file')}, ${size(bytes)}`,
    `${mark(duplicates)}  ${counted(duplicates, 'duplicate')}`,
    ...named(check.duplicateEvents, ({ org, eventId, rows: times, keys }) =>
      [`${eventId} of ${org}, ${times} rows in`, ...keys].join('\n'),
    ),
    `${mark(misplaced)}  ${counted(misplaced, 'row')} in another partition than their own`,
    ...named(check.misplacedRows, ({ key, rows: count, eventId }) =>
      [key, `${counted(count, 'row')}, such as ${eventId}`].join('\n'),
    ),
    `${mark(unreadable.length)}  ${counted(unreadable.length, 'file')} that cannot be read`,
    ...named(unreadable, ({ key, why }) => [key, why].join('\n')),
    ...(large.length > 0
      ? [`${counted(large.length, 'large file')}: more shards (lake.shards of the stage) make smaller ones`]
      : []),
    ...named(large, ({ key, rows: count }) => `${key}, ${count} rows`),
    ...(days.length > 0 ? ['', dayTable(check, colors)] : []),
  ].join('\n');
}

/** Keys and ids whole, one a line: they are there to be copied. */
function named<T>(items: readonly T[], textOf: (item: T) => string): readonly string[] {
  const lines = items.slice(0, MAX_NAMED).flatMap((item) => {
    const [first = '', ...rest] = textOf(item).split('\n');
    return [wrapped('    ', first), ...rest.map((line) => wrapped('      ', line))];
  });
  const more = items.length - MAX_NAMED;
  return more > 0 ? [...lines, `    and ${more} more: --json names them`] : lines;
}

function dayTable({ days }: LakeCheck, colors: Colors): string {
  const rows = days.map(({ day, files, rows: count, bytes }) => [
    day,
    files,
    count,
    size(bytes),
    count === 0 ? undefined : Math.round(bytes / count),
  ]);
  return table(DAY_COLUMNS, rows, colors);
}
