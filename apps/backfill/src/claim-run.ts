import { type BackfillRun, newRun } from './backfill-run.ts';
import type { IntervalRequest } from './read-request.ts';
import type { RunsStore } from './runs-store.ts';

/** What it takes to have a run to oneself. */
export interface ClaimDeps {
  readonly runs: Pick<RunsStore, 'read' | 'write'>;
  /** Of the invocation. */
  remainingMillis(): number;
  newOwner(): string;
  now(): Date;
}

export type ClaimedRun =
  | { readonly outcome: 'claimed'; readonly run: BackfillRun }
  | { readonly outcome: 'done'; readonly run: BackfillRun }
  | { readonly outcome: 'held'; readonly seconds: number };

/** Somebody else works on the run by now: what was read of it no longer holds. */
export class RunLostError extends Error {
  override readonly name = 'RunLostError';
}

/** A lease outlives its invocation by this, so that a slow end is not taken for a crash. */
const LEASE_MARGIN_SECONDS = 10;

/** Takes the run that the request names, makes it when it is new, and says when somebody else has it. */
export async function claimRun(request: IntervalRequest, deps: ClaimDeps): Promise<ClaimedRun> {
  const now = deps.now();
  const nowSeconds = now.getTime() / 1000;
  const known = await deps.runs.read(request.request);
  if (known?.status === 'DONE') return { outcome: 'done', run: known };
  if (known !== undefined && known.leaseUntil > nowSeconds)
    return { outcome: 'held', seconds: Math.ceil(known.leaseUntil - nowSeconds) };
  const claimed: BackfillRun = {
    ...(known === undefined ? newRun(request, now) : goingOn(known)),
    owner: deps.newOwner(),
    leaseUntil: Math.ceil(nowSeconds + deps.remainingMillis() / 1000) + LEASE_MARGIN_SECONDS,
  };
  return { outcome: 'claimed', run: await saved(claimed, deps) };
}

/** Writes the run and answers it as it stands then. @throws RunLostError */
export async function saved(
  run: BackfillRun,
  { runs, now }: Pick<ClaimDeps, 'runs' | 'now'>,
): Promise<BackfillRun> {
  const next = { ...run, updatedAt: now().toISOString() };
  if ((await runs.write(next)) === 'moved-on') throw new RunLostError('another worker has the run');
  return { ...next, revision: next.revision + 1 };
}

/** A run that was given up comes back from the dead-letter queue with a clean slate for its window. */
const goingOn = (run: BackfillRun): BackfillRun =>
  run.status === 'FAILED' ? { ...run, status: 'RUNNING', window: { ...run.window, jobsFailed: 0 } } : run;
