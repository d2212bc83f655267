import {
  type Conversation,
  GenesysAnswerError,
  GenesysUnavailableError,
  type PlatformApi,
} from '@aftercall/genesys';
import { TokenUnavailableError } from '@aftercall/oauth';
import { PermanentError } from '@aftercall/queue';
import { added, type BackfillRun, type WindowProgress } from './backfill-run.ts';
import { type ClaimDeps, claimRun, RunLostError, saved } from './claim-run.ts';
import { type FinishDeps, finishWindow, isAhead, listMissing } from './finish-window.ts';
import { type PageDeps, type PageRead, readPage } from './read-page.ts';
import type { IntervalRequest } from './read-request.ts';
import type { RunsStore } from './runs-store.ts';
import { type EndedConversation, settleConversations, type SettleDeps } from './settle-conversations.ts';

/** The calls that a backfill makes. */
export type BackfillApi = PageDeps['api'] & SettleDeps['api'] & Pick<PlatformApi, 'detailsAvailableUntil'>;

/** What `workSlice` needs from the outside world. */
export interface SliceDeps extends ClaimDeps, FinishDeps, PageDeps, SettleDeps {
  readonly runs: RunsStore;
  readonly api: BackfillApi;
  /** Which of these conversations our tables have an outcome of. */
  conversationsWithOutcome(org: string, conversationIds: readonly string[]): Promise<ReadonlySet<string>>;
}

/** Why a slice has ended before the run: no time left, the details job, the data lake, or the rate limit. */
export interface Pause {
  readonly seconds: number;
  readonly why: 'out-of-time' | 'job' | 'early' | 'rate-limit';
}

export type Slice =
  | { readonly outcome: 'done'; readonly run: BackfillRun }
  | { readonly outcome: 'paused'; readonly run: BackfillRun; readonly pause: Pause }
  | { readonly outcome: 'held'; readonly seconds: number };

/** Less is not enough for ten more calls and what comes after them. */
const RESERVE_MILLIS = 15_000;
const OUT_OF_TIME: Pause = { seconds: 0, why: 'out-of-time' };
/** The data lake comes forward in steps of that order. */
const EARLY_POLL_SECONDS = 15 * 60;
/** A day that is late by more is gone through as it is: half a report in time is worth more. */
const MAX_EARLY_SECONDS = 12 * 3600;
/** With the back-off between them, more than most outages last. */
const MAX_STALLED = 12;

/**
 * Goes on with a run as far as the invocation's time, the rate limit and the details job let it. What is done is
 * saved at once, so that a crash anywhere costs ten calls at most.
 *
 * @throws PermanentError when the run cannot come to an end
 * @throws whatever failed, with the lease given back
 */
export async function workSlice(request: IntervalRequest, deps: SliceDeps): Promise<Slice> {
  const claimed = await claimRun(request, deps);
  if (claimed.outcome !== 'claimed') return claimed;
  const progress = openProgress(claimed.run, deps);
  try {
    const pause = await goOn(progress, deps);
    if (pause === undefined) return { outcome: 'done', run: progress.run() };
    await progress.giveBack({});
    return { outcome: 'paused', run: progress.run(), pause };
  } catch (error) {
    return await afterFailure(error, progress);
  }
}

/** The run as it stands, and the only way to bring it forward. */
interface Progress {
  run(): BackfillRun;
  hasMoved(): boolean;
  save(change: Partial<BackfillRun>): Promise<void>;
  giveBack(change: Partial<BackfillRun>): Promise<void>;
}

function openProgress(claimed: BackfillRun, deps: SliceDeps): Progress {
  let run = claimed;
  const write = async (change: Partial<BackfillRun>) => {
    run = await saved({ ...run, ...change }, deps);
  };
  return {
    run: () => run,
    hasMoved: () => run.revision > claimed.revision,
    save: (change) => write({ stalled: 0, ...change }),
    giveBack: (change) => write({ leaseUntil: 0, ...change }),
  };
}

async function afterFailure(thrown: unknown, progress: Progress): Promise<Slice> {
  const error = asPermanent(thrown);
  const seconds = statedSeconds(error);
  if (seconds !== undefined) {
    await progress.giveBack({});
    return { outcome: 'paused', run: progress.run(), pause: { seconds, why: 'rate-limit' } };
  }
  if (error instanceof PermanentError) await progress.giveBack({ status: 'FAILED' });
  else if (!(error instanceof RunLostError)) {
    const stalled = progress.hasMoved() ? 0 : progress.run().stalled + 1;
    // What failed is what must be told; a lease that cannot be given back ends by itself.
    await progress.giveBack({ stalled }).catch(() => undefined);
  }
  throw error;
}

/** An answer of a form that we do not know stays so: somebody must look. */
const asPermanent = (error: unknown): unknown =>
  error instanceof GenesysAnswerError
    ? new PermanentError('effect-refused', error.message, { cause: error })
    : error;

const statedSeconds = (error: unknown): number | undefined =>
  error instanceof GenesysUnavailableError || error instanceof TokenUnavailableError
    ? error.retryAfterSeconds
    : undefined;

async function goOn(progress: Progress, deps: SliceDeps): Promise<Pause | undefined> {
  while (progress.run().status !== 'DONE') {
    if (isOutOfTime(progress, deps)) return OUT_OF_TIME;
    const pause = await step(progress, deps);
    if (pause !== undefined) return pause;
  }
  return undefined;
}

/** However short the time, something is done in it: otherwise a run would never end. */
const isOutOfTime = (progress: Progress, { remainingMillis }: SliceDeps): boolean =>
  progress.hasMoved() && remainingMillis() < RESERVE_MILLIS;

async function step(progress: Progress, deps: SliceDeps): Promise<Pause | undefined> {
  const run = progress.run();
  if (mustAskHowFar(run, deps.now())) return askHowFar(progress, deps);
  const read = await readPage(run, deps);
  if (read.outcome === 'page') return goThrough(read, progress, deps);
  if (read.window !== run.window) await progress.save({ window: read.window });
  return read.waitSeconds > 0 ? { seconds: read.waitSeconds, why: 'job' } : undefined;
}

/** Before a window's job is made: the job would have only what the data lake has then. */
function mustAskHowFar({ by, early, startedAt, window }: BackfillRun, now: Date): boolean {
  if (by === 'query' || window.jobId !== undefined || !isAhead(window)) return false;
  const waitedSeconds = (now.getTime() - Date.parse(startedAt)) / 1000;
  return window.availableUntil === undefined || (early === 'wait' && waitedSeconds < MAX_EARLY_SECONDS);
}

async function askHowFar(progress: Progress, deps: SliceDeps): Promise<Pause | undefined> {
  const { early, window } = progress.run();
  const until = await deps.api.detailsAvailableUntil(deps.budget(RESERVE_MILLIS));
  const asked: WindowProgress = { ...window, availableUntil: until.toISOString() };
  await progress.save({ window: asked });
  const mustWait = early === 'wait' && mustAskHowFar(progress.run(), deps.now());
  return mustWait ? { seconds: EARLY_POLL_SECONDS, why: 'early' } : undefined;
}

type Page = Extract<PageRead, { outcome: 'page' }>;

async function goThrough(page: Page, progress: Progress, deps: SliceDeps): Promise<Pause | undefined> {
  const ended = endedWithin(progress.run().window, page.conversations);
  const left = () => ended.slice(progress.run().window.offset);
  const ids = left().map(({ conversationId }) => conversationId);
  const withOutcome =
    ids.length === 0 ? new Set<string>() : await deps.conversationsWithOutcome(deps.source.org, ids);
  while (left().length > 0) {
    if (isOutOfTime(progress, deps)) return OUT_OF_TIME;
    await settleSome(left(), withOutcome, progress, deps);
  }
  await turnPage(page, progress, deps);
  return undefined;
}

/** A conversation counts where it ended, for only then can there be an outcome; one that spans two days comes in both. */
const endedWithin = (
  { from, to }: WindowProgress,
  conversations: readonly Conversation[],
): readonly EndedConversation[] =>
  conversations.filter(hasEnded).filter(({ endedAt }) => {
    const end = endedAt.toISOString();
    return end >= from && end < to;
  });

const hasEnded = (conversation: Conversation): conversation is EndedConversation =>
  conversation.endedAt !== undefined;

async function settleSome(
  conversations: readonly EndedConversation[],
  withOutcome: ReadonlySet<string>,
  progress: Progress,
  deps: SliceDeps,
): Promise<void> {
  const run = progress.run();
  const patience = run.stalled < MAX_STALLED ? 'wait-for-it' : 'go-on-without';
  const settled = await settleConversations(conversations, withOutcome, patience, deps);
  if (settled.taken > 0) {
    const window = await listMissing(run, settled.missing, deps);
    const counts = added(window.counts, settled.counts);
    await progress.save({ window: { ...window, counts, offset: window.offset + settled.taken } });
  }
  if (settled.failure !== undefined) throw settled.failure;
}

async function turnPage(
  { cursor, availableUntil }: Page,
  progress: Progress,
  deps: SliceDeps,
): Promise<void> {
  const run = progress.run();
  const window = { ...run.window, availableUntil };
  if (cursor === undefined) {
    const next = await finishWindow({ ...run, window }, deps);
    return progress.save(next.status === 'DONE' ? { ...next, leaseUntil: 0 } : next);
  }
  const pages = window.pages + 1;
  // Of a circle of any length, one of these is a part (Brent's way of finding cycles).
  const landmark = Number.isInteger(Math.log2(pages)) ? cursor : window.landmark;
  await progress.save({ window: { ...window, cursor, pages, landmark, offset: 0 } });
}
