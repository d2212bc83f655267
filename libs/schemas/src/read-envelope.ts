import validateAnalyticsOutcome from '../generated/analytics-outcome.js';
import validateConversationEvent from '../generated/conversation-event.js';
import validateEnvelopeHead from '../generated/envelope-head.js';
import validateEventEnvelope from '../generated/event-envelope.js';
import validateStoredDeliveryEnvelope from '../generated/stored-delivery-envelope.js';
import type { Validator } from './dialect.ts';
import {
  ANALYTICS_TYPES,
  CONVERSATION_TYPES,
  STORED_DELIVERY_TYPE,
  TRANSCRIPT_READY_TYPE,
} from './constants.ts';
import type {
  AnyEventEnvelope,
  ConversationEnvelope,
  EventEnvelope,
  OutcomeEnvelope,
  StoredDeliveryEnvelope,
  TranscriptReadyEnvelope,
} from './envelope.ts';
import { isOutcome } from './is-outcome.ts';

export type ReadEnvelope =
  | { readonly outcome: 'event'; readonly envelope: EventEnvelope }
  | { readonly outcome: 'stored-delivery'; readonly envelope: StoredDeliveryEnvelope }
  | { readonly outcome: 'refused'; readonly reason: 'bad-schema' | 'unknown-type'; readonly detail: string };

/** Reads the text of a message on `events.fifo`. Never throws; `detail` names places, never values. */
export function readEnvelope(text: string): ReadEnvelope {
  const envelope = parsed(text);
  if (!validateEnvelopeHead(envelope)) return badSchema(validateEnvelopeHead);
  if (envelope.type === STORED_DELIVERY_TYPE) {
    if (!validateStoredDeliveryEnvelope(envelope)) return badSchema(validateStoredDeliveryEnvelope);
    return { outcome: 'stored-delivery', envelope };
  }
  if (!KNOWN_TYPES.has(envelope.type)) {
    return { outcome: 'refused', reason: 'unknown-type', detail: 'type is not one this stage knows' };
  }
  if (!validateEventEnvelope(envelope)) return badSchema(validateEventEnvelope);
  if (isOutcomeEnvelope(envelope) || isOfConversation(envelope)) return { outcome: 'event', envelope };
  return badSchema(
    isOutcome({ type: envelope.type }) ? validateAnalyticsOutcome : validateConversationEvent,
    '/data',
  );
}

const KNOWN_TYPES: ReadonlySet<string> = new Set([
  ...ANALYTICS_TYPES,
  ...CONVERSATION_TYPES,
  TRANSCRIPT_READY_TYPE,
]);

const isOutcomeEnvelope = (envelope: AnyEventEnvelope): envelope is OutcomeEnvelope =>
  isOutcome({ type: envelope.type }) && validateAnalyticsOutcome(envelope.data);

/** What says that a transcript is ready is a conversation event with next to nothing in it. */
const isOfConversation = (
  envelope: AnyEventEnvelope,
): envelope is ConversationEnvelope | TranscriptReadyEnvelope =>
  !isOutcome({ type: envelope.type }) && validateConversationEvent(envelope.data);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function badSchema({ errors }: Pick<Validator<unknown>, 'errors'>, at = ''): ReadEnvelope {
  const faults = (errors ?? []).map(({ instancePath, keyword }) => `${at}${instancePath}: ${keyword}`);
  return { outcome: 'refused', reason: 'bad-schema', detail: faults.join('; ') };
}
