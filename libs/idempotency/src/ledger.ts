import type { LedgerRecord } from './ledger-record.ts';
import type { LedgerStore } from './ledger-store.ts';

/** What the ledger needs from the outside world, and the two settings that make it one consumer's own. */
export interface LedgerDeps {
  readonly store: Omit<LedgerStore, 'remove'>;
  /** Whose progress is recorded: several consumers of one event do not know of each other. */
  readonly consumer: string;
  /** A token that no two claims share; it fences off a worker that outlived its lease. */
  readonly newOwner: () => string;
  readonly now: () => Date;
  /** How long a record is known; must outlast every way in which the event can come again. */
  readonly retentionSeconds: number;
}

/** What identifies an event, and for how long the caller may work on it. */
export interface ClaimRequest {
  readonly org: string;
  readonly eventId: string;
  /** SHA-256 of the event's business data: the same id with another digest is a conflict. */
  readonly digest: string;
  /** Longer than the caller can possibly run, because nobody else may start before it has passed. */
  readonly leaseSeconds: number;
  /** The replay that sends the event again; each run counts its attempts from 1. */
  readonly replayRun?: string;
}

/** The right to work on one event until the lease ends. */
export interface Claim {
  readonly pk: string;
  readonly owner: string;
  /** How often the event was tried in this run, this time included: 1 on the first claim. */
  readonly attempts: number;
}

export type ClaimResult =
  | { readonly outcome: 'claimed'; readonly claim: Claim }
  | { readonly outcome: 'completed' }
  | { readonly outcome: 'held'; readonly leaseUntil: Date }
  | { readonly outcome: 'conflict'; readonly digest: string };

/**
 * What a release does to the count: the try counts; it is taken back, because its failure says nothing about the event;
 * or all are forgotten, because the event was given up here and may come back from where it was put.
 */
export type CountAttempt = 'counted' | 'taken-back' | 'forgotten';

/** Makes the effect of an event happen once: claim, work, complete; or release when the work failed. */
export interface Ledger {
  /** One conditional write, and nothing else for an event that is done; a second one when a lease has to be taken over. */
  claim(request: ClaimRequest): Promise<ClaimResult>;
  /** Resolves also when the lease was lost: then another worker does, or did, the same work. */
  complete(claim: Claim): Promise<void>;
  /** Lets the next claim in at once. */
  release(claim: Claim, how: { readonly countAttempt: CountAttempt }): Promise<void>;
}

/** Makes the ledger of one consumer. */
export function createLedger(deps: LedgerDeps): Ledger {
  return {
    claim: (request) => claim(request, deps),
    complete: (held) => complete(held, deps),
    release: (held, { countAttempt }) => release(held, countAttempt, deps),
  };
}

/** The key of an event's record. `#` in an org is escaped, so that no org can name another org's events. */
export function ledgerKey({
  consumer,
  org,
  eventId,
}: {
  consumer: string;
  org: string;
  eventId: string;
}): string {
  return `${consumer}#${org.replaceAll('%', '%25').replaceAll('#', '%23')}#${eventId}`;
}

/**
 * Forgets that an event was ever claimed, so that its next message has its effect again. For a person who knows why.
 *
 * @returns `held` when somebody works on the event right now: nothing is changed then
 */
export async function forgetClaim(
  event: { readonly consumer: string; readonly org: string; readonly eventId: string },
  { store, now }: { readonly store: Pick<LedgerStore, 'remove'>; readonly now: () => Date },
): Promise<'forgotten' | 'held'> {
  return (await store.remove(ledgerKey(event), epochSeconds(now()))) ? 'forgotten' : 'held';
}

async function claim(request: ClaimRequest, deps: LedgerDeps): Promise<ClaimResult> {
  const now = deps.now();
  const nowSeconds = epochSeconds(now);
  const record = firstClaim(request, now, deps);
  const live = await deps.store.insert(record, nowSeconds);

  // The own token comes back when the SDK repeated a write whose answer was lost.
  if (!live || live.owner === record.owner) return claimed(record);
  if (live.digest !== request.digest) return { outcome: 'conflict', digest: live.digest };
  if (live.status === 'COMPLETED') return { outcome: 'completed' };
  if (live.leaseUntil > nowSeconds) return held(live);
  return takeOver(record, live, deps);
}

async function takeOver(
  record: LedgerRecord,
  live: LedgerRecord,
  { store }: LedgerDeps,
): Promise<ClaimResult> {
  const attempts = record.replayRun === live.replayRun ? live.attempts + 1 : 1;
  const next = { ...record, attempts };
  if (await store.takeOver(next, live.owner)) return claimed(next);
  // Whoever won asked at the same time for about the same lease, which saves a read.
  return held(next);
}

async function complete({ pk, owner }: Claim, { store, now, retentionSeconds }: LedgerDeps): Promise<void> {
  const completedAt = epochSeconds(now());
  await store.complete(pk, owner, { completedAt, expiresAt: Math.ceil(completedAt + retentionSeconds) });
}

async function release(
  { pk, owner, attempts }: Claim,
  countAttempt: CountAttempt,
  { store, newOwner }: LedgerDeps,
): Promise<void> {
  const remaining = { counted: attempts, 'taken-back': attempts - 1, forgotten: 0 };
  // A token that nobody holds: what was released cannot be completed or released again by its old owner.
  await store.release(pk, owner, {
    owner: newOwner(),
    leaseUntil: 0,
    attempts: remaining[countAttempt],
  });
}

function firstClaim(request: ClaimRequest, now: Date, deps: LedgerDeps): LedgerRecord {
  const claimedAt = epochSeconds(now);
  const leaseUntil = leaseEnd(now, request.leaseSeconds);
  return {
    pk: ledgerKey({ consumer: deps.consumer, ...request }),
    status: 'IN_PROGRESS',
    owner: deps.newOwner(),
    leaseUntil,
    attempts: 1,
    digest: request.digest,
    claimedAt,
    // Never before the lease ends: an expired record counts as absent and would fence nobody.
    expiresAt: Math.max(Math.ceil(claimedAt + deps.retentionSeconds), leaseUntil),
    ...(request.replayRun === undefined ? {} : { replayRun: request.replayRun }),
  };
}

function claimed({ pk, owner, attempts }: LedgerRecord): ClaimResult {
  return { outcome: 'claimed', claim: { pk, owner, attempts } };
}

function held({ leaseUntil }: LedgerRecord): ClaimResult {
  return { outcome: 'held', leaseUntil: new Date(leaseUntil * 1000) };
}

/** Rounded down while a lease's end is rounded up, so that rounding never opens a lease early. */
function epochSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}

function leaseEnd(now: Date, leaseSeconds: number): number {
  return Math.ceil(now.getTime() / 1000 + leaseSeconds);
}
