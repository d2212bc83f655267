import type { CircuitBreaker } from '@aftercall/circuit-breaker';
import type { Ledger } from '@aftercall/idempotency';
import { downstreamOf, type PlatformApi } from '@aftercall/genesys';
import { PermanentError, type QueueMessage, workOnce } from '@aftercall/queue';
import { readTranscriptRequest, transcriptEventId, type TranscriptRequest } from '@aftercall/schemas';
import { fetchTranscript, type FetchDeps } from './fetch-transcript.ts';
import { findCommunications } from './find-communications.ts';
import type { StoredTranscript } from './store-transcript.ts';
import { isOutage, NotReadyError, WaitingError } from './transcript-errors.ts';
import { type CommunicationRequest, transcriptDigest } from './transcript-names.ts';
import {
  mayBeMissing,
  sweepMissing,
  type WaitDeps,
  type Waiting,
  waitForTranscript,
} from './wait-for-transcript.ts';

/** Left for handing the message back when asking for communications takes too long. */
const RESERVE_MILLIS = 3_000;

/** What a message of the transcript queue needs from the outside world. */
export interface RequestDeps extends FetchDeps, WaitDeps {
  /** The Platform API of an organisation; undefined for one that is not configured. */
  platformApi(org: string): PlatformApi | undefined;
  readonly ledger: Ledger;
  readonly maxAttempts: number;
  /** Nothing is begun while one of its downstreams is known to be down. */
  readonly through: CircuitBreaker['through'];
}

/** What became of a message. */
export type Handled =
  | { readonly result: 'stored'; readonly request: TranscriptRequest; readonly stored: StoredTranscript }
  | { readonly result: 'duplicate'; readonly request: TranscriptRequest }
  | { readonly result: 'communications'; readonly request: TranscriptRequest; readonly found: number }
  | (Waiting & { readonly request: TranscriptRequest })
  | { readonly result: 'nothing' }
  | { readonly result: 'swept'; readonly asked: number };

/**
 * Does what one message asks for. It may be acknowledged then: what is left to do is in the queue or in the table.
 *
 * @throws PermanentError for the dead-letter queue; anything else means: again later
 */
export async function handleRequest(message: QueueMessage, deps: RequestDeps): Promise<Handled> {
  const read = readTranscriptRequest(message.body, message.sentAt);
  switch (read.outcome) {
    case 'refused':
      throw new PermanentError(read.reason, read.detail);
    case 'nothing':
      return { result: 'nothing' };
    case 'sweep':
      return { result: 'swept', asked: await deps.through(['dynamodb'], () => sweepMissing(deps)) };
    case 'request':
      return serve({ ...read.request, ...replayOf(message) }, deps);
  }
}

/** What is asked on behalf of a replay says so too, so that it is tried as often as anything else. */
const replayOf = ({ replayRun }: QueueMessage) => (replayRun === undefined ? {} : { replayRun });

async function serve(request: TranscriptRequest, deps: RequestDeps): Promise<Handled> {
  assertDue(request, deps);
  const api = deps.platformApi(request.org);
  if (api === undefined)
    throw new PermanentError('effect-refused', 'no Genesys Cloud is configured for the organisation');
  const downstreams = ['dynamodb', 'events', 's3', downstreamOf(request.org)];
  return deps.through(downstreams, () => ask(request, api, deps));
}

async function ask(request: TranscriptRequest, api: PlatformApi, deps: RequestDeps): Promise<Handled> {
  const { communicationId } = request;
  try {
    const handled =
      communicationId === undefined
        ? await spread(request, api, deps)
        : await fetchOnce({ ...request, communicationId }, api, deps);
    if (mayBeMissing(request, deps)) await deps.removeMissing(request);
    return handled;
  } catch (error) {
    if (!(error instanceof NotReadyError)) throw error;
    return { ...(await waitForTranscript(request, deps)), request };
  }
}

function assertDue({ notBefore }: TranscriptRequest, { now }: RequestDeps): void {
  const waitMillis = notBefore === undefined ? 0 : Date.parse(notBefore) - now().getTime();
  if (waitMillis > 0)
    throw new WaitingError('the transcript waits for its time', { retryAfterSeconds: waitMillis / 1000 });
}

/** One message for each communication: each then waits, fails and succeeds by itself. */
async function spread(request: TranscriptRequest, api: PlatformApi, deps: RequestDeps): Promise<Handled> {
  const budget = { remainingMillis: () => deps.remainingMillis() - RESERVE_MILLIS };
  const ids = await findCommunications(request.conversationId, { api, budget });
  if (ids.length === 0) throw new NotReadyError('no communication is known yet');
  const { notBefore: _notBefore, ...asked } = request;
  await deps.enqueue(ids.map((communicationId) => ({ ...asked, communicationId, notReady: 0 })));
  return { result: 'communications', request, found: ids.length };
}

async function fetchOnce(
  request: CommunicationRequest,
  api: PlatformApi,
  deps: RequestDeps,
): Promise<Handled> {
  const { org, replayRun } = request;
  const event = {
    org,
    eventId: transcriptEventId(request),
    digest: transcriptDigest(request),
    ...(replayRun !== undefined && { replayRun }),
  };
  const work = () => fetchTranscript(request, api, deps);
  const worked = await workOnce(event, work, { ...deps, isOutage });
  return worked.outcome === 'duplicate'
    ? { result: 'duplicate', request }
    : { result: 'stored', request, stored: worked.value };
}
