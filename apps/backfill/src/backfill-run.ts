import type { IntervalRequest } from './read-request.ts';

/** Why a conversation is still without an outcome: Genesys Cloud has none, sends what cannot be read, or fails at it. */
export type MissingReason = 'without-metrics' | 'unreadable' | 'unavailable';

export interface MissingConversation {
  readonly conversationId: string;
  readonly reason: MissingReason;
}

/** What became of conversations that ended in an interval. */
export interface Counts {
  readonly seen: number;
  /** Our tables had an outcome. */
  readonly withOutcome: number;
  /** Put on `events.fifo` by this run. */
  readonly sent: number;
  readonly withoutMetrics: number;
  /** Missing for another reason. */
  readonly failed: number;
}

/** How far a run is with one window of its interval. A window is at most a UTC day. */
export interface WindowProgress {
  readonly from: string;
  readonly to: string;
  /** How far the data lake was, as far as it said so. */
  readonly availableUntil?: string | undefined;
  readonly jobId?: string | undefined;
  readonly jobMadeAt?: string | undefined;
  /** Jobs that came to nothing. */
  readonly jobsFailed: number;
  /** Of the page that is being gone through; absent for the first. */
  readonly cursor?: string | undefined;
  /** Pages that are done. */
  readonly pages: number;
  /** A cursor from before, to notice when they lead in a circle. */
  readonly landmark?: string | undefined;
  /** Conversations of the page that are done. */
  readonly offset: number;
  readonly counts: Counts;
  /** Those that are on no page of the list yet. */
  readonly missing: readonly MissingConversation[];
  /** Keys of the pages of the list. */
  readonly missingPages: readonly string[];
}

/** One request for one source, and how far it is. Whoever holds the lease works on it; `revision` fences the others. */
export interface BackfillRun extends IntervalRequest {
  readonly status: 'RUNNING' | 'DONE' | 'FAILED';
  readonly owner: string;
  /** Epoch seconds; 0 once it was given back. */
  readonly leaseUntil: number;
  /** The revision it was read or written at; 0 before the first. */
  readonly revision: number;
  readonly startedAt: string;
  readonly updatedAt: string;
  /** Invocations in a row that brought nothing forward and had no known time to wait. */
  readonly stalled: number;
  /** Of the windows that are done. */
  readonly finished: Counts;
  /** Whether later data may change what was found: the data lake had not come so far, or the query was asked. */
  readonly isProvisional: boolean;
  readonly window: WindowProgress;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

const NOTHING: Counts = { seen: 0, withOutcome: 0, sent: 0, withoutMetrics: 0, failed: 0 };
const DAY_MILLIS = 86_400_000;
/** As long as somebody may ask what a run did. */
const RUN_KEPT_SECONDS = 90 * 86_400;

/** A run that nobody has worked on yet. */
export function newRun(request: IntervalRequest, now: Date): BackfillRun {
  return {
    ...request,
    status: 'RUNNING',
    owner: '',
    leaseUntil: 0,
    revision: 0,
    startedAt: now.toISOString(),
    updatedAt: now.toISOString(),
    stalled: 0,
    finished: NOTHING,
    isProvisional: false,
    window: windowFrom(request.from, request.to),
    expiresAt: Math.floor(now.getTime() / 1000) + RUN_KEPT_SECONDS,
  };
}

/** The first window of what is left: up to the next midnight, so that each whole day is one. */
export function windowFrom(from: string, to: string): WindowProgress {
  const midnight = (Math.floor(Date.parse(from) / DAY_MILLIS) + 1) * DAY_MILLIS;
  return {
    from,
    to: new Date(Math.min(midnight, Date.parse(to))).toISOString(),
    jobsFailed: 0,
    pages: 0,
    offset: 0,
    counts: NOTHING,
    missing: [],
    missingPages: [],
  };
}

/** The window from its beginning again, with another job. */
export const begunAgain = ({ from, to, availableUntil, jobsFailed }: WindowProgress): WindowProgress => ({
  ...windowFrom(from, to),
  availableUntil,
  jobsFailed: jobsFailed + 1,
});

/** The UTC day that the window is, or undefined when it is less than one. */
export const dayOf = ({ from, to }: WindowProgress): string | undefined =>
  Date.parse(to) - Date.parse(from) === DAY_MILLIS ? from.slice(0, 10) : undefined;

/** The counts of both. */
export function added(left: Counts, right: Counts): Counts {
  return {
    seen: left.seen + right.seen,
    withOutcome: left.withOutcome + right.withOutcome,
    sent: left.sent + right.sent,
    withoutMetrics: left.withoutMetrics + right.withoutMetrics,
    failed: left.failed + right.failed,
  };
}

/** Everything that the run has done so far. */
export const totalOf = ({ finished, window }: BackfillRun): Counts => added(finished, window.counts);
