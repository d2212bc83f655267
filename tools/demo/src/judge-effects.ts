import { conversationKey, eventKey } from './expect-effects.ts';
import type { Effects, ExpectedEffects } from './expect-effects.ts';

const CHANGED = 'aftercall.conversation.changed';
const RECORDED = 'aftercall.outcome.recorded';
/** The facts that say that the processor worked on an event. */
export const FACT_TYPES = [CHANGED, RECORDED] as const;

/** A row of the ledger as it was read back. */
export interface LedgerRow {
  readonly org: string;
  readonly eventId: string;
  readonly isCompleted: boolean;
  /** How often the ledger gave the event away to be worked on. */
  readonly attempts: number;
}

/** A fact that came off the bus. */
export interface ObservedFact {
  readonly id: string;
  readonly org: string;
  readonly type: string;
  readonly conversationId: string;
  /** How often it was published: under as many of the bus's own ids. */
  readonly publications: number;
}

/** What was found in the tables and on the bus after a run. */
export interface ObservedEffects {
  readonly ledger: readonly LedgerRow[];
  readonly facts: readonly ObservedFact[];
  /** Status by `conversationKey`. */
  readonly conversations: ReadonlyMap<string, string>;
  readonly quarantined: ReadonlySet<string>;
  /** Of any queue, collected into set-aside. */
  readonly deadLetters: number;
  /** How often the processor says that it worked on an event, by `eventKey`; it may say nothing of one. */
  readonly runs: ReadonlyMap<string, number>;
}

/** What did not go as promised; a run in which all went well has nothing in it. */
export interface Verdict {
  /** Accepted events without a completed ledger row, or without a fact. */
  readonly lost: readonly string[];
  /** Events whose effect happened under a second id, or oftener than the ledger allowed. */
  readonly doubled: readonly string[];
  /** Effects in conversations of which no genuine delivery told. */
  readonly unasked: readonly string[];
  /** Conversations that are not there, or have another status than their events say. */
  readonly wrongConversations: readonly string[];
  /** Bodies whose copy is missing in quarantine. */
  readonly notQuarantined: readonly string[];
}

/** Everything that was seen of one event. */
interface Trace {
  readonly key: string;
  readonly conversation: string;
  isCompleted: boolean;
  attempts: number;
  readonly publications: Map<string, number>;
}

/** Compares what was found with what must be found. */
export function judgeEffects(expected: ExpectedEffects, observed: ObservedEffects): Verdict {
  const traces = tracesOf(observed);
  const surplus = surplusOf(expected.possible, traces);
  const repeated = [...traces.values()]
    .filter((trace) => isRepeated(trace, observed.runs.get(trace.key)))
    .map(({ key }) => key);
  return {
    lost: [...lostNamed(expected.promised, traces), ...lostUnnamed(expected, traces)],
    doubled: [...new Set([...surplus.doubled, ...repeated])],
    unasked: surplus.unasked,
    wrongConversations: [...expected.conversations]
      .filter(([key, { status }]) => !isThere(observed.conversations.get(key), status))
      .map(([key]) => key),
    notQuarantined: [...expected.quarantined].filter((id) => !observed.quarantined.has(id)),
  };
}

function tracesOf({ ledger, facts }: ObservedEffects): ReadonlyMap<string, Trace> {
  const traces = new Map<string, Trace>();
  const traceOf = (key: string, conversation: string): Trace => {
    const trace = traces.get(key) ?? {
      ...{ key, conversation, isCompleted: false, attempts: 0 },
      publications: new Map(),
    };
    traces.set(key, trace);
    return trace;
  };
  for (const { org, eventId, isCompleted, attempts } of ledger) {
    const conversation = conversationKey(org, conversationOf(eventId));
    Object.assign(traceOf(eventKey(org, eventId), conversation), { isCompleted, attempts });
  }
  for (const fact of facts) {
    const conversation = conversationKey(fact.org, fact.conversationId);
    const { publications } = traceOf(eventKey(fact.org, eventOf(fact)), conversation);
    publications.set(fact.type, (publications.get(fact.type) ?? 0) + fact.publications);
  }
  return traces;
}

/** An event id ends in `#{conversationId}/{communicationId or -}`. */
function conversationOf(eventId: string): string {
  const tail = eventId.slice(eventId.lastIndexOf('#') + 1);
  return tail.slice(0, tail.lastIndexOf('/'));
}

/** The event in a fact's id `{org}/{eventId}/{type}`; a fact under another sort of id counts as an event of its own. */
function eventOf({ id, org, type }: ObservedFact): string {
  const isDerived = id.startsWith(`${org}/`) && id.endsWith(`/${type}`);
  return isDerived ? id.slice(org.length + 1, -type.length - 1) : id;
}

function isWhole(trace: Trace | undefined): boolean {
  return trace?.isCompleted === true && trace.publications.has(CHANGED);
}

function lostNamed({ named }: Effects, traces: ReadonlyMap<string, Trace>): string[] {
  const isLost = ([key, { isOutcome }]: [string, { isOutcome: boolean }]): boolean => {
    const trace = traces.get(key);
    return !isWhole(trace) || (isOutcome && trace?.publications.has(RECORDED) !== true);
  };
  return [...named].filter(isLost).map(([key]) => key);
}

function lostUnnamed({ promised, possible }: ExpectedEffects, traces: ReadonlyMap<string, Trace>): string[] {
  const found = unnamedTraces(possible, traces);
  return [...promised.unnamed].flatMap(([conversation, { events, outcomes }]) => {
    const whole = (found.get(conversation) ?? []).filter(isWhole);
    const recorded = whole.filter(({ publications }) => publications.has(RECORDED));
    const missing = Math.max(0, events - whole.length, outcomes - recorded.length);
    return Array<string>(missing).fill(`${conversation} (declares no id)`);
  });
}

/** Those under an id that no sender declared, by conversation. */
function unnamedTraces({ named }: Effects, traces: ReadonlyMap<string, Trace>): Map<string, Trace[]> {
  const others = [...traces.values()].filter(({ key }) => !named.has(key));
  return Map.groupBy(others, ({ conversation }) => conversation);
}

/** More ids in a conversation than it has events: one of them is an event's second id. */
function surplusOf(
  possible: Effects,
  traces: ReadonlyMap<string, Trace>,
): { doubled: readonly string[]; unasked: readonly string[] } {
  const namedIn = new Set(
    [...possible.named.values()].map(({ org, eventId }) => conversationKey(org, conversationOf(eventId))),
  );
  const surplus = [...unnamedTraces(possible, traces)].flatMap(([conversation, found]) => {
    const wanted = possible.unnamed.get(conversation)?.events ?? 0;
    const isKnown = wanted > 0 || namedIn.has(conversation);
    return found.slice(wanted).map(({ key }) => ({ key, isKnown }));
  });
  return {
    doubled: surplus.filter(({ isKnown }) => isKnown).map(({ key }) => key),
    unasked: surplus.filter(({ isKnown }) => !isKnown).map(({ key }) => key),
  };
}

/**
 * Each time the ledger gives an event away its facts are published once; anything above was done without its leave,
 * unless one run published them again because the bus was slow to answer.
 */
function isRepeated({ attempts, publications }: Trace, runs = Infinity): boolean {
  return Math.min(runs, Math.max(0, ...publications.values())) > Math.max(1, attempts);
}

function isThere(found: string | undefined, wanted: string | undefined): boolean {
  return found !== undefined && (wanted === undefined || found === wanted);
}
