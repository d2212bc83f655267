import { detailsJson } from './conversation-json.ts';
import { readDetailsQuery } from './details-filter.ts';
import { type ApiAnswer, badRequest, notFound } from './platform-messages.ts';
import type { JobBehaviour } from './platform-options.ts';
import type { SimulatedConversation, SimulatedConversations } from './simulated-conversations.ts';

/** The tenant's details jobs. */
export interface DetailsJobs {
  create(body: string): ApiAnswer;
  state(jobId: string): ApiAnswer;
  results(jobId: string, query: URLSearchParams): ApiAnswer;
  remove(jobId: string): ApiAnswer;
  availability(): ApiAnswer;
  /** For jobs that are created from now on. */
  setBehaviour(behaviour: JobBehaviour): void;
  setDataLag(seconds: number): void;
}

export interface DetailsJobsDeps {
  readonly conversations: SimulatedConversations;
  readonly behaviour: JobBehaviour;
  readonly dataLagSeconds: number;
  now(): Date;
  newJobId(): string;
}

interface Job {
  readonly createdAt: number;
  readonly behaviour: Required<JobBehaviour>;
  readonly results: readonly SimulatedConversation[];
  readonly dataAvailabilityDate: string;
}

const DEFAULTS: Required<JobBehaviour> = {
  endsAs: 'FULFILLED',
  queuedSeconds: 0,
  pendingSeconds: 0,
  cursors: 'good',
  expiresAfterSeconds: 86_400,
};
const DEFAULT_PAGE_SIZE = 1_000;

export function createDetailsJobs(deps: DetailsJobsDeps): DetailsJobs {
  const { conversations, now } = deps;
  let { behaviour, dataLagSeconds } = deps;
  const jobs = new Map<string, Job>();
  const availableUntil = () => now().getTime() - dataLagSeconds * 1000;

  const create = (body: string): ApiAnswer => {
    const query = readDetailsQuery(body, 'job');
    if (query.outcome === 'refused') return badRequest(query.message);
    const until = availableUntil();
    // What is not in the data lake when the job runs is not in its results either.
    const results = conversations
      .between(query.fromMillis, query.toMillis)
      .filter((one) => query.matches(one) && (one.endedAt ?? one.startedAt).getTime() <= until);
    const ordered = query.order === 'asc' ? results : results.toReversed();
    const jobId = deps.newJobId();
    jobs.set(jobId, {
      createdAt: now().getTime(),
      behaviour: { ...DEFAULTS, ...behaviour },
      results: ordered,
      dataAvailabilityDate: new Date(until).toISOString(),
    });
    return { status: 202, body: { jobId } };
  };
  const withJob = (jobId: string, answer: (job: Job) => ApiAnswer): ApiAnswer => {
    const job = jobs.get(jobId);
    return job === undefined ? notFound() : answer(job);
  };
  return {
    create,
    state: (jobId) => withJob(jobId, (job) => ({ status: 200, body: statusJson(job, now().getTime()) })),
    results: (jobId, query) => withJob(jobId, (job) => resultsAnswer(job, query, now().getTime())),
    remove: (jobId) => (jobs.delete(jobId) ? { status: 204 } : notFound()),
    availability: () => ({
      status: 200,
      body: { dataAvailabilityDate: new Date(availableUntil()).toISOString() },
    }),
    setBehaviour: (next) => {
      behaviour = next;
    },
    setDataLag: (seconds) => {
      dataLagSeconds = seconds;
    },
  };
}

function stateOf({ createdAt, behaviour }: Job, nowMillis: number): string {
  const ageSeconds = (nowMillis - createdAt) / 1000;
  if (ageSeconds < behaviour.queuedSeconds) return 'QUEUED';
  if (ageSeconds < behaviour.queuedSeconds + behaviour.pendingSeconds) return 'PENDING';
  return ageSeconds < behaviour.expiresAfterSeconds ? behaviour.endsAs : 'EXPIRED';
}

function statusJson(job: Job, nowMillis: number): object {
  const { createdAt, behaviour } = job;
  const state = stateOf(job, nowMillis);
  const at = (seconds: number) => new Date(createdAt + seconds * 1000).toISOString();
  const isDone = state !== 'QUEUED' && state !== 'PENDING';
  return {
    state,
    submissionDate: at(0),
    ...(isDone && { completionDate: at(behaviour.queuedSeconds + behaviour.pendingSeconds) }),
    ...(isDone && { expirationDate: at(behaviour.expiresAfterSeconds) }),
    ...(state === 'FAILED' && { errorMessage: 'The query ran out of resources.' }),
  };
}

function resultsAnswer(job: Job, query: URLSearchParams, nowMillis: number): ApiAnswer {
  const state = stateOf(job, nowMillis);
  if (state !== 'FULFILLED') return badRequest(`the job is ${state}`);
  const offset = offsetOf(query.get('cursor'));
  const pageSize = Number(query.get('pageSize') ?? DEFAULT_PAGE_SIZE);
  if (offset === undefined || !(pageSize >= 1)) return badRequest('cursor or pageSize is not one');
  const page = job.results.slice(offset, offset + pageSize);
  const next = job.behaviour.cursors === 'repeated' ? offset : offset + pageSize;
  return {
    status: 200,
    body: {
      // Genesys Cloud leaves out what is empty.
      ...(page.length > 0 && { conversations: page.map((one) => detailsJson(one, 'with')) }),
      ...(next < job.results.length && { cursor: cursorOf(next) }),
      dataAvailabilityDate: job.dataAvailabilityDate,
    },
  };
}

/** Opaque to clients. */
const cursorOf = (offset: number): string => Buffer.from(`offset:${offset}`).toString('base64url');

function offsetOf(cursor: string | null): number | undefined {
  if (cursor === null) return 0;
  const [, digits] = /^offset:(\d+)$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
