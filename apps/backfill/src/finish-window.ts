import {
  added,
  type BackfillRun,
  type Counts,
  dayOf,
  type MissingConversation,
  windowFrom,
  type WindowProgress,
} from './backfill-run.ts';
import type { Completeness, RunsStore } from './runs-store.ts';

/** What `finishWindow` needs from the outside world. */
export interface FinishDeps {
  readonly runs: Pick<RunsStore, 'putMissingPage' | 'putCompleteness'>;
  /** Told of each whole day, once or, after a crash, twice. */
  onDay(completeness: Completeness): void;
  now(): Date;
}

const MISSING_PER_PAGE = 200;
const MAX_MISSING_PAGES = 50;
/** Longer than anybody asks after a day. */
const DAY_KEPT_SECONDS = 400 * 86_400;

/** The part of the outcomes that are here or on their way, 0 to 100. */
export const percentOf = ({ seen, withOutcome, sent }: Counts): number =>
  seen === 0 ? 100 : Math.floor(((withOutcome + sent) / seen) * 10_000) / 100;

/** Adds to the list of what is missing; full pages of it are written. The same call writes the same pages again. */
export async function listMissing(
  run: BackfillRun,
  missing: readonly MissingConversation[],
  deps: Pick<FinishDeps, 'runs' | 'now'>,
): Promise<WindowProgress> {
  const listed = { ...run.window, missing: [...run.window.missing, ...missing] };
  return listed.missing.length < MISSING_PER_PAGE ? listed : writePage(run, listed, deps);
}

async function writePage(
  { request }: BackfillRun,
  window: WindowProgress,
  { runs, now }: Pick<FinishDeps, 'runs' | 'now'>,
): Promise<WindowProgress> {
  const { from, missing, missingPages } = window;
  if (missing.length === 0 || missingPages.length >= MAX_MISSING_PAGES) return { ...window, missing: [] };
  const key = `missing#${request}#${from}#${missingPages.length + 1}`;
  await runs.putMissingPage({ key, missing, expiresAt: keptUntil(now()) });
  return { ...window, missing: [], missingPages: [...missingPages, key] };
}

/** Writes down how complete the window's day is, and answers the run at its next window, or done. */
export async function finishWindow(run: BackfillRun, deps: FinishDeps): Promise<BackfillRun> {
  const window = await writePage(run, run.window, deps);
  const isProvisional = isAhead(window);
  const date = dayOf(window);
  if (date !== undefined) {
    const completeness = completenessOf({ ...run, window }, date, isProvisional, deps.now());
    await deps.runs.putCompleteness(completeness);
    deps.onDay(completeness);
  }
  const finished = added(run.finished, window.counts);
  const left = { ...run, finished, isProvisional: run.isProvisional || isProvisional };
  if (window.to < run.to) return { ...left, window: windowFrom(window.to, run.to) };
  return { ...left, status: 'DONE', window: windowFrom(run.to, run.to) };
}

/** Whether the window reaches into a time that the data lake had not come to; of the query nobody says how far it is. */
export const isAhead = ({ availableUntil, to }: WindowProgress): boolean =>
  availableUntil === undefined || Date.parse(availableUntil) < Date.parse(to);

const completenessOf = (
  { source, request, window }: BackfillRun,
  date: string,
  isProvisional: boolean,
  now: Date,
): Completeness => ({
  source,
  date,
  counts: window.counts,
  percent: percentOf(window.counts),
  isProvisional,
  missingPages: window.missingPages,
  request,
  updatedAt: now.toISOString(),
  expiresAt: keptUntil(now),
});

const keptUntil = (now: Date): number => Math.floor(now.getTime() / 1000) + DAY_KEPT_SECONDS;
