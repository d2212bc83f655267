import {
  type CallBudget,
  type Conversation,
  GenesysAnswerError,
  GenesysRefusedError,
  GenesysUnavailableError,
  type PlatformApi,
} from '@aftercall/genesys';
import type { MadeEvent } from '@aftercall/schemas';
import type { Counts, MissingConversation, MissingReason } from './backfill-run.ts';
import type { BackfillSource } from './backfill-source.ts';
import { buildOutcome } from './build-outcome.ts';

/** A conversation that is over. */
export type EndedConversation = Conversation & { readonly endedAt: Date };

/** What `settleConversations` needs from the outside world. */
export interface SettleDeps {
  readonly api: Pick<PlatformApi, 'conversationMetrics'>;
  readonly source: BackfillSource;
  readonly request: string;
  /** Which of these events the processor has done. */
  knownEvents(org: string, eventIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Resolves once the queue holds them all. */
  sendEvents(events: readonly MadeEvent[]): Promise<void>;
  /** For a call that may take so many milliseconds, waits included. */
  budget(millis: number): CallBudget;
  now(): Date;
}

/** What became of the first so many of the conversations. */
export interface Settled {
  readonly taken: number;
  readonly counts: Counts;
  readonly missing: readonly MissingConversation[];
  /** Why it is not more of them. */
  readonly failure?: Error;
}

/** How patient to be with a conversation that Genesys Cloud fails at. */
export type Patience = 'wait-for-it' | 'go-on-without';

/** Calls at once: enough to use a minute's budget within the minute, few enough to be repeated after a crash. */
const CALLS_AT_ONCE = 10;
/** A longer wait for the rate limit is left to the queue: an invocation that waits costs as much as one that works. */
const CALL_MILLIS = 10_000;

/** Gives conversations without an outcome theirs, in order, as far as ten calls go. */
export async function settleConversations(
  conversations: readonly EndedConversation[],
  withOutcome: ReadonlySet<string>,
  patience: Patience,
  deps: SettleDeps,
): Promise<Settled> {
  const some = firstOf(conversations, withOutcome);
  const looked = await Promise.all(
    some.map(async (one) => (withOutcome.has(one.conversationId) ? RECORDED : lookUp(one, patience, deps))),
  );
  const failedAt = looked.findIndex(({ kind }) => kind === 'failure');
  const done = failedAt < 0 ? looked : looked.slice(0, failedAt);
  const events = done.flatMap((one) => (one.kind === 'outcome' ? [one.event] : []));
  const sent = await sendUnknown(events, deps);
  const missing = done.flatMap((one) => (one.kind === 'missing' ? [one.missing] : []));
  const failed = looked[failedAt];
  return {
    taken: done.length,
    counts: countsOf(done, sent, missing),
    missing,
    ...(failed?.kind === 'failure' && { failure: failed.error }),
  };
}

/** Up to the tenth that has none. */
function firstOf(
  conversations: readonly EndedConversation[],
  withOutcome: ReadonlySet<string>,
): readonly EndedConversation[] {
  let calls = 0;
  const end = conversations.findIndex(({ conversationId }) => {
    if (!withOutcome.has(conversationId)) calls += 1;
    return calls > CALLS_AT_ONCE;
  });
  return end < 0 ? conversations : conversations.slice(0, end);
}

type Looked =
  | { readonly kind: 'recorded' }
  | { readonly kind: 'outcome'; readonly event: MadeEvent }
  | { readonly kind: 'missing'; readonly missing: MissingConversation }
  | { readonly kind: 'failure'; readonly error: Error };

const RECORDED: Looked = { kind: 'recorded' };

/** Never rejects: what fails must not take the others with it, which have cost their calls. */
async function lookUp(
  conversation: EndedConversation,
  patience: Patience,
  { api, source, request, budget, now }: SettleDeps,
): Promise<Looked> {
  const { conversationId } = conversation;
  const missing = (reason: MissingReason): Looked => ({
    kind: 'missing',
    missing: { conversationId, reason },
  });
  try {
    const metrics = await api.conversationMetrics(conversationId, budget(CALL_MILLIS));
    if (metrics === undefined) return missing('without-metrics');
    if (metrics.conversationId !== undefined && metrics.conversationId !== conversationId)
      return missing('unreadable');
    return { kind: 'outcome', event: buildOutcome(conversation, metrics, { source, request, now: now() }) };
  } catch (error) {
    const reason = ownFault(error, patience);
    return reason === undefined ? { kind: 'failure', error: asError(error) } : missing(reason);
  }
}

const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error('something was thrown that is no error');

/** Whether one conversation is at fault and not Genesys Cloud, or we: a run must not end at it. */
function ownFault(error: unknown, patience: Patience): MissingReason | undefined {
  if (error instanceof GenesysAnswerError) return 'unreadable';
  if (error instanceof GenesysRefusedError && (error.call.status ?? 400) === 400) return 'unreadable';
  const isFailing = error instanceof GenesysUnavailableError && (error.call.status ?? 0) >= 500;
  return isFailing && patience === 'go-on-without' ? 'unavailable' : undefined;
}

/** What the ledger knows has arrived. @returns how many were sent */
async function sendUnknown(
  events: readonly MadeEvent[],
  { source, knownEvents, sendEvents }: SettleDeps,
): Promise<number> {
  if (events.length === 0) return 0;
  const known = await knownEvents(
    source.org,
    events.map(({ envelope }) => envelope.id),
  );
  const unknown = events.filter(({ envelope }) => !known.has(envelope.id));
  if (unknown.length > 0) await sendEvents(unknown);
  return unknown.length;
}

function countsOf(done: readonly Looked[], sent: number, missing: readonly MissingConversation[]): Counts {
  const withoutMetrics = missing.filter(({ reason }) => reason === 'without-metrics').length;
  return {
    seen: done.length,
    withOutcome: done.length - sent - missing.length,
    sent,
    withoutMetrics,
    failed: missing.length - withoutMetrics,
  };
}
