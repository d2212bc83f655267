import type { ReviewPointer } from '@aftercall/schemas';
import type { SetAside, SetAsideEntry } from '@aftercall/set-aside';
import type { Review, ReviewStore } from '@aftercall/set-aside/reviews';

/** What `groupLetters` needs from the outside world. */
export interface GroupDeps {
  readonly setAside: Pick<SetAside, 'inOrder'>;
  readonly reviews: Pick<ReviewStore, 'list' | 'putIfAbsent'>;
  readonly retentionSeconds: number;
  now(): Date;
}

/**
 * Makes a review for each reason for which letters are open that no review covers yet.
 * Repeating it under the same execution gives the same reviews.
 */
export async function groupLetters(execution: string, deps: GroupDeps): Promise<readonly ReviewPointer[]> {
  const reviews = await deps.reviews.list();
  const made = reviews.filter(({ id }) => id.startsWith(`${execution}:`));
  if (made.length > 0) return made.map(pointer);
  const waiting = reviews.filter(({ state }) => state === 'REQUESTED' || state === 'WAITING');
  const groups = await uncovered(waiting, deps);
  const fresh = [...groups].map(([reason, group]) => newReview(execution, reason, group, deps));
  for (const review of fresh) await deps.reviews.putIfAbsent(review);
  return fresh.map(pointer);
}

interface Group {
  readonly since: string;
  readonly letters: number;
}

async function uncovered(
  waiting: readonly Review[],
  { setAside }: GroupDeps,
): Promise<ReadonlyMap<string, Group>> {
  const groups = new Map<string, Group>();
  for await (const letter of setAside.inOrder({ kind: 'dead', states: ['OPEN'] })) {
    if (waiting.some((review) => covers(review, letter))) continue;
    const group = groups.get(letter.reason) ?? { since: letter.receivedTime, letters: 0 };
    groups.set(letter.reason, { ...group, letters: group.letters + 1 });
  }
  return groups;
}

const covers = ({ reason, since, until }: Review, letter: SetAsideEntry): boolean =>
  reason === letter.reason && letter.receivedTime >= since && letter.receivedTime < until;

function newReview(
  execution: string,
  reason: string,
  { since, letters }: Group,
  { now, retentionSeconds }: GroupDeps,
): Review {
  const until = now();
  return {
    id: `${execution}:${reason.replaceAll(/[^\w.-]/g, '_')}`.slice(-128),
    reason,
    since,
    until: until.toISOString(),
    letters,
    state: 'REQUESTED',
    requestedAt: until.toISOString(),
    expiresAt: Math.floor(until.getTime() / 1_000) + retentionSeconds,
  };
}

const pointer = ({ id, reason, since, until }: Review): ReviewPointer => ({ id, reason, since, until });
