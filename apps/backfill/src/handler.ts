import { type CallBudget, GenesysRefusedError } from '@aftercall/genesys';
import { TokenRefusedError } from '@aftercall/oauth';
import {
  PermanentError,
  type QueueEntry,
  type QueueMessage,
  runBatch,
  type RunBatchDeps,
  TransientError,
} from '@aftercall/queue';
import type { Logger, Metrics } from '@aftercall/telemetry';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { totalOf } from './backfill-run.ts';
import type { BackfillSource } from './backfill-source.ts';
import { type IntervalRequest, readRequest, type ReadRequest, requestBody } from './read-request.ts';
import type { Completeness } from './runs-store.ts';
import { type BackfillApi, type Slice, type SliceDeps, workSlice } from './work-slice.ts';

export interface HandlerDeps
  extends Pick<
      SliceDeps,
      'runs' | 'conversationsWithOutcome' | 'knownEvents' | 'sendEvents' | 'newOwner' | 'now'
    >,
    Pick<RunBatchDeps, 'changeVisibility' | 'deadLetter' | 'random' | 'backoff'> {
  readonly sources: ReadonlyMap<string, BackfillSource>;
  /** Undefined for an organisation that is not configured. */
  apiOf(org: string): BackfillApi | undefined;
  /** Puts requests on the backfill's own queue, and resolves once it holds them all. */
  sendRequests(entries: readonly QueueEntry[]): Promise<void>;
  readonly log: Logger;
  readonly metrics: Metrics;
}
type Invocation = HandlerDeps & { remainingMillis(): number };

/** Left for the save and for handing the message back. */
const ENDING_MILLIS = 3_000;
/** SQS gives a message up after 1,000 receives, or days; a run may need more, so it goes on in a new message. */
const MAX_RECEIVES = 500;
const MAX_MESSAGE_AGE_SECONDS = 2 * 86_400;
/** What was asked for has to be kept as long as its run. */
const PARTS_KEPT_SECONDS = 90 * 86_400;

/** One request in; it comes again until its run is done, and each time a slice of the run is worked. */
export function createHandler(deps: HandlerDeps) {
  return async (
    event: SQSEvent,
    context: { getRemainingTimeInMillis(): number },
  ): Promise<SQSBatchResponse> => {
    const remainingMillis = () => context.getRemainingTimeInMillis();
    const invocation = { ...deps, remainingMillis };
    try {
      return await runBatch(event, (message) => handleMessage(message, invocation), {
        ...invocation,
        log: retryLog(deps.log),
        deadLetter: (message, error) => deadLetter(message, error, deps),
      });
    } finally {
      deps.metrics.flush();
    }
  };
}

/** That a slice has ended is no warning; that somebody must grant a permission or correct a secret is more than one. */
const retryLog = (log: Logger): RunBatchDeps['log'] => ({
  warn: (fields, message) => {
    const error = 'err' in fields ? fields.err : undefined;
    if (error instanceof TransientError) log.debug(fields, message);
    else if (error instanceof GenesysRefusedError || error instanceof TokenRefusedError)
      log.error(fields, message);
    else log.warn(fields, message);
  },
});

async function deadLetter(message: QueueMessage, error: PermanentError, deps: HandlerDeps): Promise<void> {
  await deps.deadLetter(message, error);
  const { reason } = error;
  deps.log.warn({ messageId: message.messageId, result: 'dead-letter', reason, err: error }, 'backfill');
  deps.metrics.count('DeadLettered', 1, { Reason: reason });
}

async function handleMessage(message: QueueMessage, deps: Invocation): Promise<void> {
  const request = readRequest(message);
  if (isForOne(request)) return goOnWith(request, message, deps);
  const parts = [...deps.sources.keys()].map((source) => ({
    ...request,
    source,
    request: `${request.request}/${source}`,
  }));
  await splitRequest(request, parts, deps);
}

const isForOne = (request: ReadRequest): request is IntervalRequest => request.source !== undefined;

/** A run for each source; a message that comes again makes the same ones. */
async function splitRequest(
  { request }: ReadRequest,
  parts: readonly IntervalRequest[],
  { runs, sendRequests, now, log }: HandlerDeps,
): Promise<void> {
  const expiresAt = Math.floor(now().getTime() / 1000) + PARTS_KEPT_SECONDS;
  await runs.putParts({ request, parts: parts.map((part) => part.request), expiresAt });
  await sendRequests(parts.map(requestEntry));
  log.info({ request, result: 'split', parts: parts.length }, 'backfill');
}

const requestEntry = (request: IntervalRequest): QueueEntry => ({
  body: requestBody(request),
  attributes: {},
});

/** @throws TransientError when the run is not done yet: the message comes again */
async function goOnWith(request: IntervalRequest, message: QueueMessage, deps: Invocation): Promise<void> {
  const startedAt = deps.now();
  const slice = await workSlice(request, sliceDeps(request, deps));
  report(request, slice, startedAt, deps);
  if (slice.outcome === 'done') return;
  if (isWorn(message, deps.now())) return deps.sendRequests([requestEntry(request)]);
  const seconds = slice.outcome === 'held' ? slice.seconds : slice.pause.seconds;
  throw new TransientError('the run is not done yet', { retryAfterSeconds: seconds });
}

function sliceDeps({ source: key, request }: IntervalRequest, deps: Invocation): SliceDeps {
  const source = deps.sources.get(key);
  if (source === undefined) throw new PermanentError('bad-schema', '/source is none that is configured');
  const api = deps.apiOf(source.org);
  if (api === undefined)
    throw new PermanentError('effect-refused', 'the source’s organisation has no Platform API configured');
  return {
    ...deps,
    api,
    source,
    request,
    mediaTypes: source.mediaTypes,
    budget: (millis) => callBudget(millis, deps),
    onDay: (completeness) => reportDay(completeness, deps),
  };
}

function callBudget(millis: number, { now, remainingMillis }: Invocation): CallBudget {
  const endsAt = now().getTime() + millis;
  return {
    remainingMillis: () => Math.min(endsAt - now().getTime(), remainingMillis() - ENDING_MILLIS),
  };
}

const isWorn = ({ receiveCount, sentAt }: QueueMessage, now: Date): boolean =>
  receiveCount >= MAX_RECEIVES || now.getTime() - sentAt.getTime() >= MAX_MESSAGE_AGE_SECONDS * 1000;

function report(
  { request, source, from, to }: IntervalRequest,
  slice: Slice,
  startedAt: Date,
  { log, metrics, now }: HandlerDeps,
): void {
  const names = { request, source, from, to };
  const durationMs = now().getTime() - startedAt.getTime();
  if (slice.outcome === 'held') {
    log.info({ ...names, result: 'held', seconds: slice.seconds, durationMs }, 'backfill');
    return;
  }
  const { run } = slice;
  const progress = { ...totalOf(run), window: run.window.from, isProvisional: run.isProvisional };
  const pause = slice.outcome === 'paused' ? slice.pause : {};
  log.info({ ...names, result: slice.outcome, ...progress, ...pause, durationMs }, 'backfill');
  metrics.millis('ProcessLatency', durationMs);
}

function reportDay({ missingPages: _pages, ...day }: Completeness, { log, metrics }: HandlerDeps): void {
  log.info({ ...day, result: 'day' }, 'backfill');
  metrics.count('Processed', day.counts.sent, { Source: day.source });
  metrics.percent('Completeness', day.percent, { Source: day.source });
}
