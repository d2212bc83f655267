import type { Conversation, ConversationMetrics, DetailsJob } from '@aftercall/genesys';
import type { Envelope } from '@aftercall/schemas';
import type { BackfillSource } from './backfill-source.ts';
import { type MemoryRunsStore, memoryRunsStore } from './memory-runs-store.ts';
import type { IntervalRequest } from './read-request.ts';
import type { Completeness, RunsStore } from './runs-store.ts';
import type { BackfillApi, SliceDeps } from './work-slice.ts';

/** What Genesys Cloud has and how it behaves, for tests to change as they go. */
export interface MemoryTenant {
  conversations: Conversation[];
  /** By conversation; null is a 404. Default: a neutral sentiment. */
  readonly metrics: Map<string, ConversationMetrics | null>;
  /** Of the jobs asked for from now on, one after the other; then FULFILLED. */
  readonly jobStates: (DetailsJob | undefined)[];
  availableUntil: Date;
  /** Answers the cursor after this one; by default the next page's. */
  nextCursor: (cursor: string | undefined, next: string | undefined) => string | undefined;
  /** Called before each call with its name and first argument: may throw what Genesys Cloud's client throws. */
  onCall: (operation: string, what: string) => void;
}

/** Everything outside of the core, in memory, with a clock that stands still until it is moved. */
export interface MemoryStage {
  readonly tenant: MemoryTenant;
  readonly runs: MemoryRunsStore;
  /** Every event that the queue took, repetitions too. */
  readonly sent: Envelope[];
  readonly withOutcome: Set<string>;
  readonly knownEvents: Set<string>;
  readonly days: Completeness[];
  /** Calls to the outside, in order. */
  readonly calls: string[];
  readonly clock: { nowMillis: number; remainingMillis: number };
  /** Counts from 1: the worker dies before, or right after, the so-many-th call to the outside. */
  crash: { readonly call: number; readonly when: 'before' | 'after' } | undefined;
  deps(): SliceDeps;
}

export const SOURCE: BackfillSource = { key: 'backfill', org: 'main', mediaTypes: [] };
export const MIDNIGHT = Date.parse('2026-11-20T00:00:00Z');

/** A request for one whole day, unless it says otherwise. */
export const someRequest = (change: Partial<IntervalRequest> = {}): IntervalRequest => ({
  request: 'r-1',
  source: SOURCE.key,
  from: '2026-11-20T00:00:00.000Z',
  to: '2026-11-21T00:00:00.000Z',
  by: 'job',
  early: 'accept',
  ...change,
});

/** The conversation of that number: a minute long, each a minute after the one before. */
export function someConversation(number: number, change: Partial<Conversation> = {}): Conversation {
  const startedAt = new Date(MIDNIGHT + number * 60_000);
  const session = { mediaType: 'voice', direction: 'inbound', isRecorded: false, queueIds: [] };
  return {
    conversationId: `c-${number}`,
    startedAt,
    endedAt: new Date(startedAt.getTime() + 60_000),
    originatingDirection: 'inbound',
    participants: [
      { purpose: 'customer', userId: undefined, sessions: [{ ...session, sessionId: `customer-${number}` }] },
      {
        purpose: 'agent',
        userId: `agent-${number}`,
        sessions: [{ ...session, sessionId: `s-${number}`, isRecorded: true, queueIds: ['q-1', 'q-2'] }],
      },
    ],
    ...change,
  };
}

export const someMetrics = (conversationId: string): ConversationMetrics => ({
  conversationId,
  sentimentScore: 0.25,
  sentimentTrend: -0.05,
  sentimentTrendClass: 'SlightlyDeclining',
  empathyScores: [{ userId: 'agent', score: 42 }],
});

const PAGE_SIZE = 100;

/** A stage with that many conversations on the day, none of which has an outcome. */
export function memoryStage(count: number): MemoryStage {
  const stage: MemoryStage = {
    tenant: {
      conversations: Array.from({ length: count }, (_, number) => someConversation(number)),
      metrics: new Map(),
      jobStates: [],
      availableUntil: new Date(MIDNIGHT + 10 * 86_400_000),
      nextCursor: (_cursor, next) => next,
      onCall: () => undefined,
    },
    runs: memoryRunsStore(),
    sent: [],
    withOutcome: new Set(),
    knownEvents: new Set(),
    days: [],
    calls: [],
    clock: { nowMillis: MIDNIGHT + 2 * 86_400_000, remainingMillis: 600_000 },
    crash: undefined,
    deps: () => sliceDeps(stage),
  };
  return stage;
}

/** What a worker throws when it dies. */
export class CrashError extends Error {
  override readonly name = 'CrashError';
}

/** Makes one call to the outside; nothing gets out of a worker that has died. */
type Outgoing = <T>(name: string, call: () => T) => Promise<T>;

function outgoing(stage: MemoryStage): Outgoing {
  let calls = 0;
  return async (name, call) => {
    const { crash } = stage;
    calls += 1;
    if (crash !== undefined && (calls > crash.call || (calls === crash.call && crash.when === 'before')))
      throw new CrashError(name);
    stage.calls.push(name);
    const answer = await call();
    if (crash?.call === calls) throw new CrashError(name);
    return answer;
  };
}

const those = (ids: readonly string[], known: ReadonlySet<string>): ReadonlySet<string> =>
  new Set(ids.filter((id) => known.has(id)));

let owners = 0;

function sliceDeps(stage: MemoryStage): SliceDeps {
  const call = outgoing(stage);
  return {
    source: SOURCE,
    request: 'r-1',
    mediaTypes: [],
    api: memoryApi(stage, call),
    runs: memoryRuns(stage.runs, call),
    conversationsWithOutcome: (_org, ids) =>
      call('conversationsWithOutcome', () => those(ids, stage.withOutcome)),
    knownEvents: (_org, ids) => call('knownEvents', () => those(ids, stage.knownEvents)),
    sendEvents: (events) =>
      call('sendEvents', () => void stage.sent.push(...events.map(({ envelope }) => envelope))),
    onDay: (day) => void stage.days.push(day),
    budget: (millis) => ({ remainingMillis: () => millis }),
    remainingMillis: () => stage.clock.remainingMillis,
    newOwner: () => `owner-${(owners += 1)}`,
    now: () => new Date(stage.clock.nowMillis),
  };
}

function memoryRuns(runs: RunsStore, call: Outgoing): RunsStore {
  return {
    read: async (request) => call('readRun', async () => runs.read(request)),
    write: async (run) => call('writeRun', async () => runs.write(run)),
    putParts: async (parts) => call('putParts', async () => runs.putParts(parts)),
    putMissingPage: async (page) => call('putMissingPage', async () => runs.putMissingPage(page)),
    putCompleteness: async (made) => call('putCompleteness', async () => runs.putCompleteness(made)),
  };
}

function memoryApi({ tenant }: MemoryStage, outgoingCall: Outgoing): BackfillApi {
  const call = <T>(operation: string, what: string, answer: () => T) =>
    outgoingCall(operation, () => {
      tenant.onCall(operation, what);
      return answer();
    });
  return {
    detailsAvailableUntil: () => call('detailsAvailableUntil', '', () => tenant.availableUntil),
    createDetailsJob: ({ from }) => call('createDetailsJob', from.toISOString(), () => from.toISOString()),
    detailsJob: (jobId) =>
      call('detailsJob', jobId, () =>
        tenant.jobStates.length > 0
          ? tenant.jobStates.shift()
          : { state: 'FULFILLED' as const, errorMessage: undefined },
      ),
    detailsJobResults: (jobId, { cursor }) =>
      call('detailsJobResults', cursor ?? '', () => {
        const { page, next } = pageOf(tenant, Date.parse(jobId), Number(cursor ?? 0));
        return {
          conversations: page,
          cursor: tenant.nextCursor(cursor, next),
          dataAvailableUntil: tenant.availableUntil,
        };
      }),
    queryDetails: ({ from, to }, { pageNumber }) =>
      call('queryDetails', `${from.toISOString()}/${to.toISOString()} ${pageNumber}`, () => {
        const { page } = pageOf(tenant, from.getTime(), (pageNumber - 1) * PAGE_SIZE);
        return { conversations: page, totalHits: tenant.conversations.length };
      }),
    conversationMetrics: (id) =>
      call('conversationMetrics', id, () => {
        const known = tenant.metrics.get(id);
        return known === null ? undefined : (known ?? someMetrics(id));
      }),
  };
}

/** As jobs do: whatever was under way from then on, for a day. */
function pageOf({ conversations }: MemoryTenant, fromMillis: number, offset: number) {
  const overlapping = conversations.filter(
    ({ startedAt, endedAt }) =>
      startedAt.getTime() < fromMillis + 2 * 86_400_000 && (endedAt?.getTime() ?? Infinity) >= fromMillis,
  );
  const end = offset + PAGE_SIZE;
  return {
    page: overlapping.slice(offset, end),
    next: end < overlapping.length ? String(end) : undefined,
  };
}
