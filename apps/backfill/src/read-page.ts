import {
  type CallBudget,
  type Conversation,
  type DetailsFilter,
  GenesysAnswerError,
  GenesysRefusedError,
  MAX_QUERY_PAGE_SIZE,
  type PlatformApi,
} from '@aftercall/genesys';
import { PermanentError } from '@aftercall/queue';
import { type BackfillRun, begunAgain, type WindowProgress } from './backfill-run.ts';

/** What `readPage` needs from the outside world. */
export interface PageDeps {
  readonly api: Pick<PlatformApi, 'createDetailsJob' | 'detailsJob' | 'detailsJobResults' | 'queryDetails'>;
  readonly mediaTypes: readonly string[];
  /** For a call that may take so many milliseconds, waits included. */
  budget(millis: number): CallBudget;
  now(): Date;
}

/** A page of conversations; or a window that has to be kept first; and how long to wait before more can be had. */
export type PageRead =
  | {
      readonly outcome: 'page';
      readonly conversations: readonly Conversation[];
      /** Of the next page; undefined on the last. */
      readonly cursor: string | undefined;
      readonly availableUntil: string | undefined;
    }
  | { readonly outcome: 'not-yet'; readonly window: WindowProgress; readonly waitSeconds: number };

/** As many as one look into our tables takes. */
const PAGE_SIZE = 100;
/** Analytics takes its time over a page. */
const PAGE_MILLIS = 25_000;
/** Jobs take seconds to minutes; a message that comes again costs next to nothing. */
const JOB_POLL_SECONDS = 10;
/** After one that failed. */
const NEXT_JOB_SECONDS = 60;
const MAX_FAILED_JOBS = 3;
/** What cannot be read is made anew once: it will hardly be better the third time. */
const MAX_UNREADABLE_JOBS = 2;
const MAX_JOB_SECONDS = 6 * 3600;
/** Statuses of a results page whose job has gone: expired, or deleted. */
const GONE: ReadonlySet<number | undefined> = new Set([400, 404, 410]);
const DAY_MILLIS = 86_400_000;

/**
 * Reads the page that the window has come to.
 *
 * @throws PermanentError `effect-refused` when job after job comes to nothing
 */
export async function readPage({ by, window }: BackfillRun, deps: PageDeps): Promise<PageRead> {
  if (by === 'query') return readQueryPage(window, deps);
  const { jobId } = window;
  if (jobId === undefined) return makeJob(window, deps);
  if (window.pages > 0 || window.offset > 0) return readJobPage(window, jobId, deps);
  const job = await deps.api.detailsJob(jobId, deps.budget(PAGE_MILLIS));
  const state = job?.state ?? 'EXPIRED';
  if (state === 'FULFILLED') return readJobPage(window, jobId, deps);
  if (state === 'QUEUED' || state === 'PENDING') return waitForJob(window, state, deps);
  return anotherJob(window, `ended as ${state}${words(job?.errorMessage)}`, MAX_FAILED_JOBS);
}

async function makeJob(window: WindowProgress, deps: PageDeps): Promise<PageRead> {
  const filter = filterOf(window, deps);
  const jobId = await deps.api.createDetailsJob(filter, deps.budget(PAGE_MILLIS));
  const made = { ...window, jobId, jobMadeAt: deps.now().toISOString() };
  return { outcome: 'not-yet', window: made, waitSeconds: 0 };
}

/** A state that we do not know counts as PENDING, so no state may last for ever. */
function waitForJob(window: WindowProgress, state: string, { now }: PageDeps): PageRead {
  const ageSeconds = (now().getTime() - Date.parse(window.jobMadeAt ?? '')) / 1000;
  if (ageSeconds > MAX_JOB_SECONDS)
    return anotherJob(window, `was still ${state} after ${MAX_JOB_SECONDS} s`, MAX_FAILED_JOBS);
  return { outcome: 'not-yet', window, waitSeconds: JOB_POLL_SECONDS };
}

async function readJobPage(window: WindowProgress, jobId: string, deps: PageDeps): Promise<PageRead> {
  try {
    const page = { cursor: window.cursor, pageSize: PAGE_SIZE };
    const results = await deps.api.detailsJobResults(jobId, page, deps.budget(PAGE_MILLIS));
    const { conversations, cursor, dataAvailableUntil } = results;
    if (cursor !== undefined && cursor === window.landmark)
      return anotherJob(window, 'has cursors that lead in a circle', MAX_UNREADABLE_JOBS);
    const availableUntil = dataAvailableUntil?.toISOString() ?? window.availableUntil;
    return { outcome: 'page', conversations, cursor, availableUntil };
  } catch (error) {
    if (error instanceof GenesysAnswerError) return anotherJob(window, error.message, MAX_UNREADABLE_JOBS);
    if (error instanceof GenesysRefusedError && GONE.has(error.call.status))
      return anotherJob(window, error.message, MAX_FAILED_JOBS);
    throw error;
  }
}

function anotherJob(window: WindowProgress, what: string, maxFailed: number): PageRead {
  if (window.jobsFailed + 1 >= maxFailed)
    throw new PermanentError('effect-refused', `the details job ${what}, and so did those before`);
  return { outcome: 'not-yet', window: begunAgain(window), waitSeconds: NEXT_JOB_SECONDS };
}

/** Genesys Cloud's words about a query, which know of no customer; bounded all the same. */
const words = (errorMessage: string | undefined): string =>
  errorMessage === undefined ? '' : ` (${errorMessage.slice(0, 200)})`;

/** The query finds what began on a day that the interval touches: what began the day before may have ended in it. */
async function readQueryPage(window: WindowProgress, deps: PageDeps): Promise<PageRead> {
  const filter = filterOf(window, deps);
  const from = new Date(filter.from.getTime() - DAY_MILLIS);
  const pageNumber = Number(window.cursor ?? 1);
  const paging = { pageNumber, pageSize: MAX_QUERY_PAGE_SIZE };
  const { conversations, totalHits } = await deps.api.queryDetails(
    { ...filter, from },
    paging,
    deps.budget(PAGE_MILLIS),
  );
  const isLast = conversations.length === 0 || pageNumber * MAX_QUERY_PAGE_SIZE >= totalHits;
  const cursor = isLast ? undefined : String(pageNumber + 1);
  return { outcome: 'page', conversations, cursor, availableUntil: undefined };
}

const filterOf = ({ from, to }: WindowProgress, { mediaTypes }: PageDeps): DetailsFilter => ({
  from: new Date(from),
  to: new Date(to),
  mediaTypes,
});
