import type { Fact, ReviewChanged, ReviewPointer } from '@aftercall/schemas';

/** Tells the bus that somebody must look, or that nobody did. */
export function reviewFact(
  type: 'aftercall.review.requested' | 'aftercall.review.escalated',
  review: ReviewPointer,
  { letters, cause, now }: { readonly letters: number; readonly cause?: string; readonly now: Date },
): Fact {
  const { id, reason, since, until } = review;
  const data: ReviewChanged = {
    review: id,
    reason,
    letters,
    since,
    until,
    ...(cause !== undefined && { cause }),
  };
  return {
    specversion: '1.0',
    id: `review/${id}/${type}`,
    source: 'aftercall',
    type,
    subject: id,
    time: now.toISOString(),
    datacontenttype: 'application/json',
    // No organisation's own: a review is of a reason.
    org: 'aftercall',
    data,
  };
}
