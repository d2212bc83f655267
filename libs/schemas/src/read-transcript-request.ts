import validateBusEventHead from '../generated/bus-event-head.js';
import validateTranscriptContinuation from '../generated/transcript-continuation.js';
import validateTranscriptFactEvent from '../generated/transcript-fact-event.js';
import validateTranscriptSweep from '../generated/transcript-sweep.js';
import { OUTCOME_RECORDED_TYPE } from './constants.ts';
import type { Validator } from './dialect.ts';
import type { TranscriptFactEvent, TranscriptRequest } from './transcript-request.ts';

/** What a message of the transcript queue wants. */
export type ReadTranscriptRequest =
  | { readonly outcome: 'request'; readonly request: TranscriptRequest }
  /** An outcome that has no transcript. */
  | { readonly outcome: 'nothing' }
  | { readonly outcome: 'sweep' }
  | { readonly outcome: 'refused'; readonly reason: 'bad-schema' | 'unknown-type'; readonly detail: string };

const FACTS: ReadonlySet<string> = new Set([OUTCOME_RECORDED_TYPE, 'aftercall.transcript.ready']);

/**
 * Reads the body of a message of the transcript queue: a fact that EventBridge sent, a message that the fetcher sent
 * to itself, or the schedule's. Never throws; `detail` names places, never values.
 *
 * @param sentAt of the message: when a transcript that a fact speaks of was first asked for
 */
export function readTranscriptRequest(body: string, sentAt: Date): ReadTranscriptRequest {
  const message = parsed(body);
  if (message === undefined) return refused('bad-schema', 'the body is not JSON');
  if (validateTranscriptSweep(message)) return { outcome: 'sweep' };
  if (typeof message === 'object' && message !== null && 'transcript' in message) {
    if (!validateTranscriptContinuation(message)) return badSchema(validateTranscriptContinuation);
    return checked(message.transcript);
  }
  if (!validateBusEventHead(message)) return badSchema(validateBusEventHead);
  if (!FACTS.has(message.detail.type)) return refused('unknown-type', 'the fact speaks of no transcript');
  if (!validateTranscriptFactEvent(message)) return badSchema(validateTranscriptFactEvent);
  return readFact(message.detail, sentAt);
}

function readFact(fact: TranscriptFactEvent['detail'], sentAt: Date): ReadTranscriptRequest {
  const asked = { org: fact.org, eventTime: fact.time, requestedAt: sentAt.toISOString(), notReady: 0 };
  if (fact.type !== OUTCOME_RECORDED_TYPE) {
    const { conversationId, communicationId } = fact.data;
    return checked({ ...asked, conversationId, ...(communicationId !== undefined && { communicationId }) });
  }
  const { conversation_id: conversationId, transcript_communication_id: communicationId } = fact.data;
  if (!fact.data.has_transcript) return { outcome: 'nothing' };
  return checked({ ...asked, conversationId, ...(communicationId !== null && { communicationId }) });
}

/** Ids become steps of a path, where these two lead elsewhere. */
function checked(request: TranscriptRequest): ReadTranscriptRequest {
  const ids = [request.org, request.conversationId, request.communicationId];
  if (ids.some((id) => id === '.' || id === '..')) return refused('bad-schema', 'an id is a step of a path');
  return { outcome: 'request', request };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const refused = (reason: 'bad-schema' | 'unknown-type', detail: string): ReadTranscriptRequest => ({
  outcome: 'refused',
  reason,
  detail,
});

/** Each fault once, by JSON pointer and rule: the branches of a union name the same place several times. */
function badSchema({ errors }: Pick<Validator<unknown>, 'errors'>): ReadTranscriptRequest {
  const faults = (errors ?? []).map(({ instancePath, keyword, params }) => {
    const missing = params?.['missingProperty'];
    return `${instancePath}${typeof missing === 'string' ? `/${missing}` : ''}: ${keyword}`;
  });
  return refused('bad-schema', [...new Set(faults)].join('; '));
}
