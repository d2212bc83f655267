import validateConversationWebhook from '../generated/conversation-webhook.js';
import type { ConversationEvent } from './conversation-event.ts';
import { pickConversationEvent } from './pick-conversation-event.ts';
import type { ConversationWebhook } from './dialect-schemas.ts';
import { type DialectAdapter, refused } from './dialect.ts';
import type { ConversationType } from './constants.ts';

const TYPES: ReadonlyMap<string, ConversationType> = new Map([
  ['conversation:created', 'genesys.conversation.started'],
  ['conversation:updated', 'genesys.conversation.updated'],
  ['conversation:ended', 'genesys.conversation.ended'],
]);

export const conversationWebhook: DialectAdapter = {
  recognises: (payload) => 'event_type' in payload,

  items: (payload) => [{ pointer: '', value: payload }],

  adapt: (item, { mediaTypes }) => {
    if (!validateConversationWebhook(item.value)) return refused(item, validateConversationWebhook);
    const type = TYPES.get(item.value.event_type);
    if (!type) return { outcome: 'skipped' };
    const ofOtherMedia = !mediaTypes.includes(item.value.type ?? '');
    if (type === 'genesys.conversation.updated' && ofOtherMedia) return { outcome: 'skipped' };
    return { outcome: 'event', type, data: toConversationEvent(item.value) };
  },
};

function toConversationEvent(webhook: ConversationWebhook): ConversationEvent {
  const agents = webhook.participants?.filter(({ purpose }) => purpose === 'agent');
  return pickConversationEvent({
    conversationId: webhook.conversation_id,
    timestamp: webhook.timestamp,
    mediaType: webhook.type,
    state: webhook.state,
    direction: webhook.direction,
    externalContactId: webhook.external_contact?.id,
    agentIds: agents?.flatMap(({ user_id }) => user_id ?? []),
  });
}
