import validateAnalyticsOutcome from '../generated/analytics-outcome.js';
import validateCloudEvent from '../generated/cloud-event.js';
import validateConversationEvent from '../generated/conversation-event.js';
import { pickOutcome } from './pick-outcome.ts';
import { pickConversationEvent } from './pick-conversation-event.ts';
import { pickTranscriptReady } from './pick-transcript-ready.ts';
import { type Adapted, type DialectAdapter, isObject, type Item, refused } from './dialect.ts';
import {
  ANALYTICS_TYPES,
  type AnalyticsType,
  CONVERSATION_TYPES,
  type ConversationType,
  TRANSCRIPT_READY_TYPE,
} from './constants.ts';

export const cloudEvents: DialectAdapter = {
  recognises: (payload) => 'specversion' in payload,

  items: (payload) => [{ pointer: '', value: payload, declaredId: payload['id'], declaredIdPointer: '/id' }],

  adapt: (item) => {
    if (!validateCloudEvent(item.value)) return refused(item, validateCloudEvent);
    const { type, subject, time, data } = item.value;
    // CloudEvents says in `subject` and `time` what our data says in these two; the data's own word wins.
    const said = {
      pointer: `${item.pointer}/data`,
      value: { conversationId: subject, timestamp: time, ...data },
    };
    const analyticsType = ANALYTICS_TYPES.find((known) => known === type);
    if (analyticsType) return outcome(said, analyticsType);
    const conversationType = CONVERSATION_TYPES.find((known) => known === type);
    if (conversationType) return conversation(said, conversationType);
    if (type === TRANSCRIPT_READY_TYPE) return transcriptReady(said);
    return {
      outcome: 'refused',
      errors: [{ pointer: `${item.pointer}/type`, message: 'is not a known event type' }],
    };
  },
};

const outcome = (said: Item, type: AnalyticsType): Adapted =>
  validateAnalyticsOutcome(said.value)
    ? { outcome: 'event', type, data: pickOutcome(said.value) }
    : refused(said, validateAnalyticsOutcome);

const conversation = (said: Item, type: ConversationType): Adapted =>
  validateConversationEvent(said.value)
    ? { outcome: 'event', type, data: pickConversationEvent(said.value) }
    : refused(said, validateConversationEvent);

const transcriptReady = (said: Item): Adapted =>
  validateConversationEvent(said.value)
    ? { outcome: 'event', type: TRANSCRIPT_READY_TYPE, data: pickTranscriptReady(said.value) }
    : refused(said, validateConversationEvent);

/** The JSON batch format: a list of events. `undefined` when the payload is not such a list. */
export function cloudEventsBatch(payload: unknown): readonly Item[] | undefined {
  if (!Array.isArray(payload) || payload.length === 0) return undefined;
  if (!payload.every((value) => isObject(value) && 'specversion' in value)) return undefined;
  return payload.map((value: Readonly<Record<string, unknown>>, index) => ({
    pointer: `/${index}`,
    value,
    declaredId: value['id'],
    declaredIdPointer: `/${index}/id`,
  }));
}
