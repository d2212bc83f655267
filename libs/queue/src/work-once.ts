import { PermanentError } from './permanent-error.ts';
import { TransientError } from './transient-error.ts';

/** A lease outlives its invocation by this, so that a slow end is not taken for a crash. */
const LEASE_MARGIN_SECONDS = 10;
/** Whoever holds a claim is usually done long before its lease ends, and asking again costs one conditional write. */
const MAX_HELD_SECONDS = 5;
/** Left for the release and for handing the message back. */
const RESERVE_MILLIS = 2_000;

/** What the ledger knows an event by. */
export interface OnceEvent {
  readonly org: string;
  readonly eventId: string;
  readonly digest: string;
  /** The replay that sends the event again: its attempts count from 1. */
  readonly replayRun?: string;
}

type CountAttempt = 'counted' | 'taken-back' | 'forgotten';

/** The part of `@aftercall/idempotency`'s ledger that is used here, which is above this library. */
export interface WorkLedger<Claim extends { readonly attempts: number }> {
  claim(
    request: OnceEvent & { readonly leaseSeconds: number },
  ): Promise<
    | { readonly outcome: 'claimed'; readonly claim: Claim }
    | { readonly outcome: 'completed' | 'conflict' }
    | { readonly outcome: 'held'; readonly leaseUntil: Date }
  >;
  complete(claim: Claim): Promise<void>;
  release(claim: Claim, how: { readonly countAttempt: CountAttempt }): Promise<void>;
}

export interface WorkOnceDeps<Claim extends { readonly attempts: number }> {
  readonly ledger: WorkLedger<Claim>;
  readonly maxAttempts: number;
  /** Whether an error says nothing about the event, so that the try does not count. */
  readonly isOutage: (error: unknown) => boolean;
  remainingMillis(): number;
  now(): Date;
}

export type Worked<T> =
  | { readonly outcome: 'worked'; readonly value: T; readonly attempt: number }
  | { readonly outcome: 'duplicate' };

/**
 * Gives one event its one effect: claim → work → complete. Work must have the same effect when it is repeated.
 *
 * @param work takes the number of the attempt, from 1
 * @throws PermanentError for the dead-letter queue; anything else means: again later
 */
export async function workOnce<T, Claim extends { readonly attempts: number }>(
  event: OnceEvent,
  work: (attempt: number) => Promise<T>,
  deps: WorkOnceDeps<Claim>,
): Promise<Worked<T>> {
  const leaseSeconds = Math.ceil(deps.remainingMillis() / 1000) + LEASE_MARGIN_SECONDS;
  const result = await deps.ledger.claim({ ...event, leaseSeconds });
  switch (result.outcome) {
    case 'completed':
      return { outcome: 'duplicate' };
    case 'held':
      throw new TransientError('another worker holds the claim', {
        retryAfterSeconds: heldSeconds(result.leaseUntil, deps.now()),
      });
    case 'conflict':
      throw new PermanentError('conflict', 'the same event id was seen with other business data');
    case 'claimed':
      return claimed(result.claim, work, deps);
  }
}

function heldSeconds(leaseUntil: Date, now: Date): number {
  const seconds = Math.ceil((leaseUntil.getTime() - now.getTime()) / 1000);
  return Math.min(MAX_HELD_SECONDS, Math.max(1, seconds));
}

async function claimed<T, Claim extends { readonly attempts: number }>(
  claim: Claim,
  work: (attempt: number) => Promise<T>,
  deps: WorkOnceDeps<Claim>,
): Promise<Worked<T>> {
  if (claim.attempts > deps.maxAttempts) {
    throw await afterRelease(claim, 'forgotten', exhausted(claim, 'earlier attempts did not finish'), deps);
  }
  try {
    const value = await inTime(work(claim.attempts), deps.remainingMillis() - RESERVE_MILLIS);
    // When the effect is there and the ledger cannot say so, that is no failure of the event's.
    await deps.ledger.complete(claim);
    return { outcome: 'worked', value, attempt: claim.attempts };
  } catch (error) {
    throw await released(claim, error, deps);
  }
}

/** A function that is killed cannot take its attempt back, so a downstream that hangs is given up before that. */
async function inTime<T>(effect: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TimeoutError()), Math.max(0, milliseconds)).unref();
  });
  try {
    return await Promise.race([effect, over]);
  } finally {
    clearTimeout(timer);
  }
}

class TimeoutError extends Error {
  override readonly name = 'TimeoutError';

  constructor() {
    super('the effect took too long');
  }
}

/** Gives the claim back and says what is to become of the message. */
async function released<Claim extends { readonly attempts: number }>(
  claim: Claim,
  error: unknown,
  deps: WorkOnceDeps<Claim>,
): Promise<unknown> {
  if (deps.isOutage(error)) return afterRelease(claim, 'taken-back', error, deps);
  if (error instanceof PermanentError) {
    const { reason, detail, cause } = error;
    const counted = new PermanentError(reason, detail, { cause, attempts: claim.attempts });
    return afterRelease(claim, 'forgotten', counted, deps);
  }
  if (claim.attempts < deps.maxAttempts) return afterRelease(claim, 'counted', error, deps);
  return afterRelease(claim, 'forgotten', exhausted(claim, nameOf(error), error), deps);
}

/** A release that fails must not hide why the work failed; the lease then runs out by itself. */
async function afterRelease<Claim extends { readonly attempts: number }>(
  claim: Claim,
  countAttempt: CountAttempt,
  error: unknown,
  { ledger }: Pick<WorkOnceDeps<Claim>, 'ledger'>,
): Promise<unknown> {
  try {
    await ledger.release(claim, { countAttempt });
    return error;
  } catch (cause) {
    // Nothing may be given up while the ledger does not know of it: it would come back as a finished third attempt.
    return error instanceof PermanentError ? cause : error;
  }
}

/** What may be said of an error without what it says: SDK messages can quote values. */
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');

const exhausted = (claim: { readonly attempts: number }, detail: string, cause?: unknown): PermanentError =>
  new PermanentError('retries-exhausted', detail, { cause, attempts: claim.attempts });
