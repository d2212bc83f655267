import { usage } from './cli-error.ts';
import type { ExitCode } from './cli-error.ts';
import { say } from './context.ts';
import type { CommandContext } from './context.ts';
import { namesInMessage } from '@aftercall/schemas';
import { deadLetters } from './dead-letters.ts';
import type { DeadLetter } from './dead-letters.ts';
import { errorsLately, logLinesAbout } from './function-logs.ts';
import type { LogLine } from './function-logs.ts';
import { inspectLocalQueue } from './inspect-local-queue.ts';
import { openSetAside } from './open-set-aside.ts';
import { queueDepth } from './peek-queue.ts';
import { counted } from './readable.ts';
import { readableTrace } from './readable-trace.ts';
import type { StageAccess } from './stage-access.ts';
import { conversationItems } from './trace-conversation.ts';
import type { ConversationItem, ConversationName } from './trace-conversation.ts';
import { ledgerRowsOf, meaningOf, scanLedger } from './trace-ledger.ts';
import type { LedgerRow } from './trace-ledger.ts';
import { conversationIn, isAbout, isEventId } from './trace-reference.ts';
import type { Reference } from './trace-reference.ts';
import { setAsideAbout } from './trace-set-aside.ts';
import type { TracedEntry } from './trace-set-aside.ts';

export interface TraceOptions {
  readonly org?: string;
}

/** Everything known of an event, a delivery or a conversation. */
export interface Trace {
  readonly reference: string;
  readonly found: boolean;
  /** What became of it, in sentences. */
  readonly verdict: readonly string[];
  readonly ledger: readonly LedgerRow[];
  readonly conversations: readonly ConversationItem[];
  /** Without their bodies: `set-aside show` has those. */
  readonly deadLetters: readonly Omit<DeadLetter, 'body'>[];
  readonly setAside: readonly TracedEntry[];
  readonly queue: QueueSighting;
  readonly logs: readonly LogLine[];
  /** While it waits: what the functions complained of lately. */
  readonly errors: readonly LogLine[];
  readonly notes: readonly string[];
}

/** What the events queue holds: of it all, and of what was asked for where that can be seen. */
interface QueueSighting {
  readonly depth: number;
  readonly waiting?: number;
  /** How often those that wait have been handed out. */
  readonly receives?: number;
}

/** Says where an event got to, and why it got no further. Exit code 1 when nothing has worked on it yet. */
export async function trace(text: string, options: TraceOptions, context: CommandContext): Promise<ExitCode> {
  const { stage } = context.options;
  if (stage !== 'local' && options.org === undefined)
    throw usage(
      `--org is needed with --stage ${stage}`,
      'and the whole event id: its ledger is not searched',
    );
  const access = await context.connect();
  try {
    const traced = await gather({ text, org: options.org }, access, context);
    say(context, traced, () => readableTrace(traced, context));
    return traced.found ? 0 : 1;
  } finally {
    access.close();
  }
}

async function gather(reference: Reference, access: StageAccess, context: CommandContext): Promise<Trace> {
  const { stack } = access;
  const logs = stack === undefined ? [] : await logLinesAbout(reference.text, stack.directory);
  const [ledger, dead, setAside, queue] = await Promise.all([
    ledgerRows(reference, logs, access),
    deadLetters(access, context.fetch),
    setAsideAbout(reference, openSetAside(access, context.now), {
      readContents: stack === undefined ? 'no' : 'yes',
    }),
    sightingInQueue(reference, access, context),
  ]);
  const letters = dead.letters.filter(
    (letter) =>
      isAbout(reference, letter) || letter.id === reference.text || letter.messageId === reference.text,
  );
  const conversations = await conversationItems(
    access,
    conversationNames(reference, { ledger, named: [...letters, ...setAside] }, access),
  );
  const nothingToDo = acceptedWithoutEvents(reference, logs);
  const found =
    [ledger, letters, setAside, conversations].some(({ length }) => length > 0) || nothingToDo !== undefined;
  return {
    reference: reference.text,
    found,
    verdict: [
      ...ledger.map(
        (row) => `${meaningOf(row, context.now())}${ledger.length > 1 ? `: ${row.eventId}` : ''}`,
      ),
      ...letters.map(whyDead),
      ...setAside.map(whySetAside),
      ...(nothingToDo === undefined ? [] : [nothingToDo]),
      ...(found && !queue.waiting ? [] : [whereItMayBe(queue, found)]),
    ],
    ledger,
    conversations,
    deadLetters: letters.map(({ body: _body, ...letter }) => letter),
    setAside,
    queue,
    logs,
    errors: stack !== undefined && queue.waiting ? await errorsLately(stack.directory, context.now()) : [],
    notes: notesOn(reference, access, dead.unseen),
  };
}

function ledgerRows(
  reference: Reference,
  logs: readonly LogLine[],
  access: StageAccess,
): Promise<readonly LedgerRow[]> {
  const { text, org } = reference;
  const isExact = access.stack === undefined || isEventId(text);
  if (isExact && org !== undefined) return ledgerRowsOf(access, { org, eventId: text });
  return scanLedger(access, reference, new Set(eventIdsIn(logs, reference)));
}

/** A row does not say in which delivery its event came; the functions' logs do. */
function eventIdsIn(logs: readonly LogLine[], reference: Reference): readonly string[] {
  return logs.flatMap(({ eventId, conversationId, deliveryId }) =>
    typeof eventId === 'string' &&
    isAbout(reference, { eventId, conversationId: textOf(conversationId), deliveryId: textOf(deliveryId) })
      ? [eventId]
      : [],
  );
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

interface Found {
  readonly ledger: readonly LedgerRow[];
  readonly named: readonly { readonly org?: string; readonly conversationId?: string }[];
}

function conversationNames(
  { text, org }: Reference,
  { ledger, named: others }: Found,
  { sources, defaultOrg }: StageAccess,
): readonly ConversationName[] {
  const orgs = org === undefined ? [defaultOrg, ...sources.map((source) => source.org)] : [org];
  const named = (of: string, conversationId: string | undefined): readonly ConversationName[] =>
    conversationId === undefined ? [] : [{ org: of, conversationId }];
  return [
    ...ledger.flatMap((row) => named(row.org, conversationIn(row.eventId))),
    ...others.flatMap((one) => named(one.org ?? defaultOrg, one.conversationId)),
    // What has no event yet may still be a conversation's own id.
    ...(isEventId(text) ? [] : orgs.flatMap((one) => named(one, text))),
  ];
}

async function sightingInQueue(
  reference: Reference,
  { resources, clients, stack }: StageAccess,
  { fetch }: CommandContext,
): Promise<QueueSighting> {
  const url = resources.queueUrls['events'] ?? '';
  const view = stack === undefined ? undefined : await inspectLocalQueue(url, fetch);
  if (view === undefined) return { depth: await queueDepth(clients.sqs, url) };
  const waiting = view.messages.filter(({ body }) => isAbout(reference, namesInMessage(body)));
  const receives = Math.max(0, ...waiting.map((message) => message.receives ?? 0));
  return { depth: view.messages.length, waiting: waiting.length, receives };
}

type WhyDead = Pick<DeadLetter, 'reason' | 'detail' | 'queue' | 'function' | 'attempts' | 'failedAt'>;

function whyDead({ reason, detail, queue, function: name, attempts, failedAt }: WhyDead): string {
  const who = name === undefined ? `the queue ${queue} gave it up` : `${name} gave it up`;
  const tried = attempts === undefined || attempts === 0 ? '' : ` after attempt ${attempts}`;
  return `${who}${tried} at ${failedAt ?? 'an unknown time'}: ${reason}${detail === undefined ? '' : ` (${detail})`}`;
}

function whySetAside(entry: TracedEntry): string {
  const { kind, reason, receivedTime, id, problems = [] } = entry;
  const after = becameOf(entry);
  if (kind === 'dead')
    return `${whyDead({ ...entry, queue: entry.queue ?? 'unknown' })} (npx aftercall set-aside show ${id})${after}`;
  const what = kind === 'quarantine' ? 'quarantined' : 'archived';
  const why = problems.length === 0 ? reason : `${reason}, ${problems.join('; ')}`;
  return `${what} at ${receivedTime}: ${why} (npx aftercall set-aside show ${id})${after}`;
}

function becameOf({ state, outcome, decidedBy, decidedAt, decision }: TracedEntry): string {
  if (state === 'OPEN') return '';
  if (state === 'REPLAYING') return '; it is being replayed';
  return `; ${outcome} by ${decidedBy} at ${decidedAt}${decision === undefined ? '' : ` (${decision})`}`;
}

/** A delivery in which everything was skipped on purpose leaves no other mark than its log line. */
function acceptedWithoutEvents(reference: Reference, logs: readonly LogLine[]): string | undefined {
  const line = logs.find(
    ({ deliveryId, result, events, refused }) =>
      result === 'accepted' &&
      events === 0 &&
      refused === 0 &&
      isAbout(reference, { deliveryId: textOf(deliveryId) }),
  );
  return (
    line &&
    `ingest accepted the delivery and skipped all of it (${String(line['skipped'])}): there is no event in it that is recorded`
  );
}

function whereItMayBe({ depth, waiting, receives = 0 }: QueueSighting, found: boolean): string {
  if (waiting !== undefined && waiting > 0) {
    const tried = receives > 0 ? `, handed out ${receives} times already` : '';
    return `${found ? '' : 'not seen yet: '}${counted(waiting, 'message')} of it in the events queue${tried}`;
  }
  if (waiting === undefined && depth > 0)
    return `not seen yet: about ${depth} messages are in the events queue, it may be one of them`;
  return 'not seen yet, and it is not in the events queue: is the id whole, and was its delivery answered 200?';
}

function notesOn(
  { text, org }: Reference,
  { stack }: StageAccess,
  unseenDeadLetters: number,
): readonly string[] {
  const scanned = stack !== undefined && !(isEventId(text) && org !== undefined);
  return [
    ...(scanned
      ? [
          'the whole ledger was read, which only a local stack allows; on AWS a whole event id and --org are needed',
        ]
      : []),
    ...(stack === undefined ? ['logs and the contents of quarantine are not searched on AWS'] : []),
    ...(unseenDeadLetters > 0
      ? [`${unseenDeadLetters} dead letters behind others of their group could not be looked at`]
      : []),
  ];
}
