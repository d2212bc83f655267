import type { EntryProgress, IndexStore, SetAsideEntry } from './index-store.ts';
import { withProgress } from './entry-progress.ts';

/** Who wants an entry, and for how long nobody else may have it. */
export interface TakeRequest {
  /** The replay's own name: the same for all of its entries, and when it goes on after a crash. */
  readonly run: string;
  readonly leaseSeconds: number;
  /** Takes an entry that is done, unless this very run did it. */
  readonly again: boolean;
}

/** `busy`: another replay has it now, or changed it since it was read. */
export type TakeResult =
  | { readonly outcome: 'taken'; readonly entry: SetAsideEntry & { readonly run: string } }
  | { readonly outcome: 'done' | 'busy' };

/** A person's, or a machine's, last word on an entry. */
export interface Decision {
  readonly outcome: 'replayed' | 'discarded';
  readonly by: string;
  /** In that person's words. */
  readonly reason?: string;
}

/** How an entry leaves set-aside: taken, then done. Every step is one conditional write. */
export interface WayBack {
  /**
   * Makes the entry this run's own. One that a crash left behind keeps the run it had, so that what was sent already
   * is recognised.
   */
  take(entry: SetAsideEntry, request: TakeRequest): Promise<TakeResult>;
  /** Says what became of the entry; answers whether it was as it was read. Its body stays until it expires. */
  finish(entry: SetAsideEntry, decision: Decision): Promise<boolean>;
  /** Puts back what was taken and could not go; the entry remembers the run that could not bring it. */
  giveBack(entry: SetAsideEntry & { readonly run: string }): Promise<boolean>;
}

interface WayBackDeps {
  readonly index: Pick<IndexStore, 'advance'>;
  readonly now: () => Date;
}

/** The steps over an index. */
export function wayBack(deps: WayBackDeps): WayBack {
  return {
    take: (entry, request) => take(entry, request, deps),
    finish: (entry, decision) => deps.index.advance(entry, finished(entry, decision, deps)),
    giveBack: (entry) => deps.index.advance(entry, { state: 'OPEN', run: entry.run }),
  };
}

async function take(entry: SetAsideEntry, request: TakeRequest, deps: WayBackDeps): Promise<TakeResult> {
  const isOurs = entry.run === request.run;
  if (entry.state === 'DONE' && (isOurs || !request.again)) return { outcome: 'done' };
  const nowSeconds = Math.floor(deps.now().getTime() / 1_000);
  if (entry.state === 'REPLAYING' && !isOurs && (entry.leaseUntil ?? 0) > nowSeconds)
    return { outcome: 'busy' };
  const run = entry.state === 'REPLAYING' ? (entry.run ?? request.run) : request.run;
  const next = { state: 'REPLAYING', run, leaseUntil: nowSeconds + request.leaseSeconds } as const;
  if (!(await deps.index.advance(entry, next))) return { outcome: 'busy' };
  return { outcome: 'taken', entry: { ...withProgress(entry, next), run } };
}

function finished(
  { run }: SetAsideEntry,
  { outcome, by, reason }: Decision,
  { now }: WayBackDeps,
): EntryProgress {
  return {
    state: 'DONE',
    outcome,
    decidedBy: by,
    decidedAt: now().toISOString(),
    ...(run !== undefined && { run }),
    ...(reason !== undefined && { decision: reason }),
  };
}
