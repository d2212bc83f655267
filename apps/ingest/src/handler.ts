import type { Logger, Metrics } from '@aftercall/telemetry';
import { accept, type Answer, refuse } from './answer.ts';
import { ingest, type IngestDeps, type IngestResult } from './ingest.ts';
import { type ApiEvent, type HttpRequest, readRequest } from './read-request.ts';
import type { Deadline } from './start-deadline.ts';

/** Lambda takes 6 MB, and JSON escaping or base64 costs up to a third of it. */
const MAX_BODY_BYTES = 4_400_000;
/** The sender hangs up after three seconds; the rest is for the network. */
const BUDGET_MS = 2_500;
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json(?:\s*;|$)/i;

export interface HandlerDeps extends IngestDeps {
  startDeadline(milliseconds: number): Deadline;
  traceparent(header: string | undefined): string;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** API Gateway in, `ingest` in the middle, HTTP answer out. Never throws: what is not understood is a 503, and the sender retries. */
export function createHandler(deps: HandlerDeps): (event: ApiEvent) => Promise<Answer> {
  return async (event) => {
    const startedAt = deps.now();
    try {
      const request = readRequest(event);
      const result = bouncerOf(request) ?? (await ingestInTime(request, startedAt, deps));
      report(request, result, startedAt, deps);
      return toAnswer(result, request.requestId);
    } catch (error) {
      deps.log.error({ err: error, result: 'unavailable' }, 'delivery');
      deps.metrics.count('Rejected', 1, { Reason: 'unavailable' });
      return refuse(503, 'unknown');
    } finally {
      deps.metrics.flush();
    }
  };
}

type Bounced = { readonly outcome: 'wrong-method' | 'wrong-type' | 'too-large' };
type Result = IngestResult | Bounced;

/** What needs neither secret nor parser to be turned away. */
function bouncerOf({ method, headers, body }: HttpRequest): Bounced | undefined {
  if (method !== 'POST') return { outcome: 'wrong-method' };
  if (!JSON_TYPE.test(headers['content-type'] ?? '')) return { outcome: 'wrong-type' };
  if (body.length > MAX_BODY_BYTES) return { outcome: 'too-large' };
  return undefined;
}

async function ingestInTime(request: HttpRequest, startedAt: Date, deps: HandlerDeps): Promise<IngestResult> {
  const receivedAt = request.receivedAt ?? startedAt;
  const leftMs = BUDGET_MS - (startedAt.getTime() - receivedAt.getTime());
  if (leftMs <= 0) return { outcome: 'unavailable', reason: 'deadline' };
  const { signal, end } = deps.startDeadline(Math.min(leftMs, BUDGET_MS));
  const traceparent = deps.traceparent(request.headers['traceparent']);
  try {
    return await Promise.race([ingest({ ...request, traceparent, signal }, deps), firing(signal)]);
  } catch (error) {
    const reason = signal.aborted ? 'deadline' : 'outage';
    deps.log.warn(
      { err: error, requestId: request.requestId, source: request.sourceKey, reason },
      'not taken',
    );
    return { outcome: 'unavailable', reason };
  } finally {
    end();
  }
}

/** Not everything heeds its signal, so the clock also runs beside it. */
const firing = (signal: AbortSignal): Promise<IngestResult> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve({ outcome: 'unavailable', reason: 'deadline' }), {
      once: true,
    });
  });

function toAnswer(result: Result, requestId: string): Answer {
  switch (result.outcome) {
    case 'accepted':
      return accept(result, requestId);
    case 'malformed':
      return refuse(400, requestId, result.errors);
    case 'unauthorised':
      return refuse(401, requestId);
    case 'unknown-source':
      return refuse(404, requestId);
    case 'wrong-method':
      return refuse(405, requestId);
    case 'too-large':
      return refuse(413, requestId);
    case 'wrong-type':
      return refuse(415, requestId);
    case 'unavailable':
      return refuse(503, requestId);
  }
}

function report(request: HttpRequest, result: Result, startedAt: Date, deps: HandlerDeps): void {
  const { log, metrics, now, sources } = deps;
  const { requestId, body, sourceKey } = request;
  const durationMs = now().getTime() - startedAt.getTime();
  // What is not configured is whatever the sender wrote into the URL; it must be no dimension, and in no log.
  const Source = sources.has(sourceKey) ? sourceKey : 'unknown';
  log.info({ requestId, source: Source, ...loggable(result), bytes: body.length, durationMs }, 'delivery');
  metrics.millis('AckLatency', durationMs);
  if (result.outcome === 'accepted') {
    metrics.count('Accepted', result.events, { Source });
    if (result.refused > 0) metrics.count('Quarantined', result.refused, { Source });
    return;
  }
  metrics.count('Rejected', 1, { Reason: 'reason' in result ? result.reason : result.outcome });
  if (result.outcome === 'malformed') metrics.count('Quarantined', 1, { Source });
}

function loggable(result: Result): object {
  const { outcome, ...facts } = result;
  return { result: outcome, ...facts, ...('errors' in facts && { errors: facts.errors.length }) };
}
