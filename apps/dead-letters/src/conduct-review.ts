import type { DiscardTask, Fact, ReplayTask, ReviewDecision, ReviewPointer } from '@aftercall/schemas';
import type { ReviewStore } from '@aftercall/set-aside/reviews';
import type { Logger } from '@aftercall/telemetry';
import { discardEntries, type DiscardDeps } from './discard-entries.ts';
import { replayEntries, type ReplayDeps } from './replay-entries.ts';
import { reviewFact } from './review-facts.ts';

/** What the steps of a review need from the outside world. */
export interface ReviewDeps extends ReplayDeps, DiscardDeps {
  readonly setAside: ReplayDeps['setAside'] & DiscardDeps['setAside'];
  readonly reviews: Pick<ReviewStore, 'get' | 'change'>;
  publishFacts(facts: readonly Fact[]): Promise<void>;
  readonly log: Pick<Logger, 'info' | 'error'>;
}

/** Lets people know, and keeps the token with which they answer where only they can read it. */
export async function requestDecision(
  review: ReviewPointer,
  taskToken: string,
  deps: ReviewDeps,
): Promise<void> {
  await deps.reviews.change(review.id, { state: 'WAITING', taskToken });
  await tell('aftercall.review.requested', review, {}, deps);
  deps.log.info({ review: review.id, reason: review.reason, result: 'requested' }, 'review');
}

/**
 * Does what was decided, as far as one call goes.
 *
 * @returns whether another call must go on
 */
export async function carryOut(
  review: ReviewPointer,
  decision: ReviewDecision,
  deps: ReviewDeps,
): Promise<{ readonly left: boolean }> {
  const { left } =
    decision.decision === 'replay'
      ? await replayEntries(replayOf(review, decision), deps)
      : await discardEntries(discardOf(review, decision), deps);
  if (left) return { left };
  const changes = { state: 'DONE', decision: decision.decision, decidedBy: decision.by } as const;
  await deps.reviews.change(review.id, changes);
  deps.log.info(
    { review: review.id, reason: review.reason, by: decision.by, result: decision.decision },
    'review',
  );
  return { left };
}

/** The letters are open as before, and the next review asks about them again. */
export async function escalate(review: ReviewPointer, cause: string, deps: ReviewDeps): Promise<void> {
  await deps.reviews.change(review.id, { state: 'ESCALATED', cause });
  await tell('aftercall.review.escalated', review, { cause }, deps);
  deps.log.error({ review: review.id, reason: review.reason, cause, result: 'escalated' }, 'review');
}

async function tell(
  type: Parameters<typeof reviewFact>[0],
  review: ReviewPointer,
  more: { readonly cause?: string },
  { reviews, publishFacts, now }: ReviewDeps,
): Promise<void> {
  const letters = (await reviews.get(review.id))?.letters ?? 0;
  await publishFacts([reviewFact(type, review, { letters, now: now(), ...more })]);
}

const selectionOf = ({ reason, since, until }: ReviewPointer) => ({
  kinds: ['dead' as const],
  reason,
  since,
  until,
});

const replayOf = (review: ReviewPointer, { by, reason }: ReviewDecision): ReplayTask => ({
  task: 'replay',
  run: review.id,
  by,
  selection: selectionOf(review),
  ...(reason !== undefined && { reason }),
});

const discardOf = (review: ReviewPointer, { by, reason }: ReviewDecision): DiscardTask => ({
  task: 'discard',
  by,
  reason: reason ?? 'rejected',
  selection: selectionOf(review),
});
