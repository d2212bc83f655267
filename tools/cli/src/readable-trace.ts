import type { CommandContext } from './context.ts';
import type { LogLine } from './function-logs.ts';
import { short, shortTime, table, visible, wrapped } from './readable.ts';
import type { ConversationItem } from './trace-conversation.ts';
import type { LedgerRow } from './trace-ledger.ts';
import type { Trace } from './trace.ts';

const MAX_LOG_LINES = 12;

/** A trace for people: what became of it first, then everything that says so. */
export function readableTrace(trace: Trace, { colors }: CommandContext): string {
  const { reference, found, verdict, ledger, conversations, deadLetters, setAside, logs, errors, notes } =
    trace;
  const title = (text: string): string => `\n${colors.bold(text)}`;
  const colour = found ? colors.green : colors.yellow;
  return [
    colors.bold(visible(reference)),
    ...verdict.map((line) => colour(wrapped('  ', line))),
    ...(ledger.length > 0 ? [title('ledger'), ledgerTable(ledger, colors)] : []),
    ...(conversations.length > 0 ? [title('conversation'), ...conversations.map(conversationText)] : []),
    ...(deadLetters.length > 0
      ? [
          title('dead letters, still in their queue'),
          table(
            DEAD_LETTER_COLUMNS,
            deadLetters.map(({ queue, reason, attempts, failedAt, id }) => [
              queue,
              reason,
              attempts,
              shortTime(failedAt),
              short(id),
            ]),
            colors,
          ),
        ]
      : []),
    ...(setAside.length > 0
      ? [
          title('set aside'),
          table(
            SET_ASIDE_COLUMNS,
            setAside.map(({ kind, reason, state, receivedTime, id }) => [
              kind,
              reason,
              state,
              shortTime(receivedTime),
              short(id),
            ]),
            colors,
          ),
        ]
      : []),
    ...(logs.length > 0 ? [title('logs'), logTable(logs, colors)] : []),
    ...(errors.length > 0
      ? [title('errors of the functions lately'), ...errors.map((line) => wrapped('  ', errorText(line)))]
      : []),
    ...(notes.length > 0 ? ['', ...notes.map((note) => colors.dim(wrapped('', note)))] : []),
  ].join('\n');
}

const LEDGER_COLUMNS = [
  { title: 'consumer', maxCharacters: 10 },
  { title: 'org', maxCharacters: 10 },
  { title: 'status', maxCharacters: 11 },
  { title: 'attempts', maxCharacters: 8 },
  { title: 'lease until', maxCharacters: 20 },
  { title: 'digest', maxCharacters: 9 },
  { title: 'completed', maxCharacters: 20 },
];
const DEAD_LETTER_COLUMNS = [
  { title: 'queue', maxCharacters: 12 },
  { title: 'reason', maxCharacters: 18 },
  { title: 'attempts', maxCharacters: 8 },
  { title: 'failed', maxCharacters: 20 },
  { title: 'id', maxCharacters: 36 },
];
const SET_ASIDE_COLUMNS = [
  { title: 'kind', maxCharacters: 10 },
  { title: 'reason', maxCharacters: 20 },
  { title: 'state', maxCharacters: 10 },
  { title: 'since', maxCharacters: 20 },
  { title: 'id', maxCharacters: 20 },
];
const LOG_COLUMNS = [
  { title: 'time', maxCharacters: 24 },
  { title: 'function', maxCharacters: 10 },
  { title: 'result', maxCharacters: 14 },
  { title: 'reason', maxCharacters: 18 },
  { title: 'attempt', maxCharacters: 7 },
  { title: 'ms', maxCharacters: 6 },
];
const DIGEST_CHARACTERS = 8;

function ledgerTable(ledger: readonly LedgerRow[], colors: CommandContext['colors']): string {
  const rows = ledger.map((row) => [
    row.consumer,
    row.org,
    row.status,
    row.attempts,
    shortTime(row.leaseUntil),
    row.digest.slice(0, DIGEST_CHARACTERS),
    shortTime(row.completedAt),
  ]);
  const ids = ledger.map(
    ({ eventId, claimedAt }) => `  ${visible(eventId)}\n    claimed ${shortTime(claimedAt)}`,
  );
  return [table(LEDGER_COLUMNS, rows, colors), ...ids].join('\n');
}

function conversationText(item: ConversationItem): string {
  return Object.entries(item)
    .filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0))
    .sort(([left], [right]) => left.localeCompare(right))
    .map(
      ([name, value]) =>
        `${name.padEnd(18)} ${visible(typeof value === 'string' ? value : JSON.stringify(value))}`,
    )
    .join('\n');
}

function logTable(logs: readonly LogLine[], colors: CommandContext['colors']): string {
  const rows = logs
    .slice(-MAX_LOG_LINES)
    .map(({ time, function: name, result, reason, attempt, durationMs, msg }) => [
      shownTime(time),
      name,
      result ?? msg,
      reason,
      attempt,
      durationMs,
    ]);
  return table(LOG_COLUMNS, rows, colors);
}

function errorText(line: LogLine): string {
  const { time, function: name, msg, err } = line;
  const message = (err as { message?: unknown } | undefined)?.message;
  const parts = [shownTime(time), name, msg, message];
  return parts.filter((part) => typeof part === 'string').join('  ');
}

function shownTime(time: unknown): string {
  if (typeof time === 'number') return new Date(time).toISOString();
  return typeof time === 'string' ? time : '';
}
