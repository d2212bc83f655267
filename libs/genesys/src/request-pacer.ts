import type { Clock } from '@aftercall/oauth';
import type { CallBudget } from './call-budget.ts';
import type { RateLimits } from './rate-limits.ts';

/** Keeps requests within the budget that the API states, and uses all of it. */
export interface RequestPacer {
  /**
   * Waits until a request may go.
   *
   * @returns how many milliseconds it would have to wait, when that is more than the budget allows
   */
  turn(budget: CallBudget): Promise<Turn | TooLong>;
}

/** The right to make one request; exactly one of its functions must be called in the end. */
export interface Turn {
  readonly outcome: 'turn';
  answered(limits: RateLimits): void;
  /** The request got no answer. */
  failed(): void;
  /** The request came too early: nobody goes on before that time has passed. */
  throttled(waitMillis: number): void;
}

export interface TooLong {
  readonly outcome: 'too-long';
  readonly waitMillis: number;
}

/**
 * What is known of the present window. Answers may overtake each other, so the least that any of them said counts,
 * and whatever is on its way may not be in it yet.
 */
interface Window {
  readonly remaining: number;
  readonly endsAt: number;
}

interface Pacer {
  readonly clock: Clock;
  /** Undefined before the first answer in a window: until then, one request goes ahead alone. */
  window: Window | undefined;
  /** Counts windows, so that a late answer of an old one is not taken for news. */
  epoch: number;
  /** Requests of this epoch. */
  inFlight: number;
  closedUntil: number;
  /** Resolves when something has happened that waiting requests should know. */
  changed: PromiseWithResolvers<void>;
}

/** Genesys Cloud counts by the minute. @see https://developer.genesys.cloud/organization/organization/limits */
const WINDOW_MILLIS = 60_000;

/** `reset` is in whole seconds, and whether these are rounded up or down is not said. */
const ROUNDING_MILLIS = 1_000;

/** A pacer knows nothing at first; it learns from every answer. */
export function createRequestPacer(clock: Clock): RequestPacer {
  const pacer: Pacer = {
    clock,
    window: undefined,
    epoch: 0,
    inFlight: 0,
    closedUntil: 0,
    changed: Promise.withResolvers(),
  };
  return { turn: (budget) => turn(pacer, budget) };
}

async function turn(pacer: Pacer, budget: CallBudget): Promise<Turn | TooLong> {
  for (;;) {
    budget.signal?.throwIfAborted();
    const waitMillis = untilFree(pacer);
    if (waitMillis === 0) return take(pacer);
    const allowedMillis = budget.remainingMillis();
    // The end of somebody else's request is not known beforehand: it is waited for as long as there is time.
    const isKnown = waitMillis !== Infinity;
    if (isKnown ? waitMillis >= allowedMillis : allowedMillis <= 0)
      return { outcome: 'too-long', waitMillis: isKnown ? waitMillis : 0 };
    await changeOrTime(pacer, Math.min(waitMillis, allowedMillis, WINDOW_MILLIS), budget.signal);
  }
}

/** Milliseconds; infinite while only the answer to another request can tell. */
function untilFree(pacer: Pacer): number {
  const now = pacer.clock.elapsedMillis();
  if (now < pacer.closedUntil) return pacer.closedUntil - now;
  if (pacer.window !== undefined && now >= pacer.window.endsAt) beginEpoch(pacer);
  const { window, inFlight } = pacer;
  if (window === undefined) return inFlight === 0 ? 0 : Infinity;
  return window.remaining - inFlight > 0 ? 0 : window.endsAt - now;
}

function beginEpoch(pacer: Pacer): void {
  pacer.epoch += 1;
  pacer.window = undefined;
  pacer.inFlight = 0;
}

function take(pacer: Pacer): Turn {
  const { epoch } = pacer;
  pacer.inFlight += 1;
  const end = (learn: () => void): void => {
    if (epoch === pacer.epoch) {
      pacer.inFlight -= 1;
      learn();
    }
    wakeAll(pacer);
  };
  return {
    outcome: 'turn',
    answered: (limits) => end(() => learn(pacer, limits)),
    failed: () => end(() => undefined),
    throttled: (waitMillis) => {
      pacer.closedUntil = Math.max(pacer.closedUntil, pacer.clock.elapsedMillis() + waitMillis);
      end(() => beginEpoch(pacer));
    },
  };
}

function learn(pacer: Pacer, { remaining, resetMillis = WINDOW_MILLIS }: RateLimits): void {
  const endsAt = pacer.clock.elapsedMillis() + resetMillis + ROUNDING_MILLIS;
  pacer.window = {
    remaining: Math.min(pacer.window?.remaining ?? Infinity, remaining),
    endsAt: Math.min(pacer.window?.endsAt ?? Infinity, endsAt),
  };
}

function wakeAll(pacer: Pacer): void {
  pacer.changed.resolve();
  pacer.changed = Promise.withResolvers();
}

async function changeOrTime(pacer: Pacer, millis: number, signal: AbortSignal | undefined): Promise<void> {
  const woken = new AbortController();
  const either = signal === undefined ? woken.signal : AbortSignal.any([woken.signal, signal]);
  const slept = pacer.clock.sleep(millis, either).catch(() => signal?.throwIfAborted());
  try {
    await Promise.race([pacer.changed.promise, slept]);
  } finally {
    woken.abort();
  }
}
