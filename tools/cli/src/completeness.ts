import type { Colors } from 'picocolors/types.js';
import {
  completenessOf,
  missingOf,
  type CompletenessItem,
  type MissingConversation,
} from './backfill-items.ts';
import { countsText } from './backfill.ts';
import { failure, usage } from './cli-error.ts';
import type { ExitCode } from './cli-error.ts';
import { say } from './context.ts';
import type { CommandContext } from './context.ts';
import { shortTime, table, wrapped } from './readable.ts';

export interface CompletenessOptions {
  /** `YYYY-MM-DD` in UTC. */
  readonly date: string;
  /** Default: every source that has been gone through. */
  readonly source?: string;
}

/** A source's day with the conversations that are missing. */
interface Day extends Omit<CompletenessItem, 'missingPages'> {
  /** Without an outcome, listed or not. */
  readonly missingCount: number;
  readonly missing: readonly MissingConversation[];
}

/** What stands in a text before `--json` is the better way to read it. */
const MAX_NAMED = 100;

const REASONS: Readonly<Record<string, string>> = {
  'without-metrics': 'speech analytics has nothing of it',
  unreadable: 'what speech analytics says cannot be read',
  unavailable: 'speech analytics fails at it',
};

/** Says how complete a day is: exit code 0 complete, 1 something is missing, 3 nothing yet but more may come. */
export async function completeness(options: CompletenessOptions, context: CommandContext): Promise<ExitCode> {
  const { date, source } = options;
  if (!isDate(date)) throw usage(`--date ${date} is no day`, 'use 2026-11-20');
  const access = await context.connect();
  try {
    const items = await completenessOf(access, date, source);
    if (items.length === 0)
      throw failure(
        `nobody has gone through ${date}${source === undefined ? '' : ` of ${source}`} yet`,
        `do it with \`npx aftercall backfill --interval ${date}/${dayAfter(date)}\``,
      );
    const days = await Promise.all(items.map(async (item) => dayOf(item, await missingOf(access, item))));
    say(context, { date, sources: days }, () =>
      days.map((day) => readable(day, context.colors)).join('\n\n'),
    );
    return exitCodeOf(days);
  } finally {
    access.close();
  }
}

const isDate = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) && dayAfter(text, 0) === text;

function dayAfter(date: string, days = 1): string {
  const day = new Date(date);
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
}

function dayOf(
  { missingPages: _pages, ...item }: CompletenessItem,
  missing: readonly MissingConversation[],
): Day {
  const { withoutMetrics, failed } = item.counts;
  return { ...item, missingCount: withoutMetrics + failed, missing };
}

function exitCodeOf(days: readonly Day[]): ExitCode {
  if (days.some(({ missingCount }) => missingCount > 0)) return 1;
  return days.some(({ isProvisional }) => isProvisional) ? 3 : 0;
}

function readable(day: Day, colors: Colors): string {
  const { source, date, percent, counts, missing, missingCount, updatedAt, isProvisional } = day;
  const mark = missingCount === 0 ? colors.green(`${percent} %`) : colors.red(`${percent} %`);
  const named = missing.slice(0, MAX_NAMED);
  const more = missingCount - named.length;
  return [
    `${date}  ${source}  ${mark}`,
    `${countsText(counts)} (${shortTime(updatedAt)})`,
    ...(isProvisional ? [wrapped('', 'provisional: Genesys Cloud did not know all of the day then')] : []),
    ...(named.length > 0
      ? [
          table(
            [
              { title: 'missing', maxCharacters: 50 },
              { title: 'why', maxCharacters: 44 },
            ],
            named.map(({ conversationId, reason }) => [conversationId, REASONS[reason] ?? reason]),
            colors,
          ),
        ]
      : []),
    ...(more > 0 ? [`and ${more} more${missing.length > named.length ? ': --json names them' : ''}`] : []),
  ].join('\n');
}
