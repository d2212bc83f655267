import validateOpenMessage from '../generated/open-message.js';
import { pickConversationEvent } from './pick-conversation-event.ts';
import type { OpenMessage } from './dialect-schemas.ts';
import { type DialectAdapter, refused } from './dialect.ts';
import type { ConversationType } from './constants.ts';

const PRESENCES: ReadonlyMap<string, ConversationType> = new Map([
  ['Join', 'genesys.conversation.started'],
  ['Disconnect', 'genesys.conversation.ended'],
]);

export const openMessaging: DialectAdapter = {
  recognises: (payload) => 'channel' in payload && 'type' in payload,

  items: (payload) => [{ pointer: '', value: payload, declaredId: payload['id'], declaredIdPointer: '/id' }],

  adapt: (item) => {
    if (!validateOpenMessage(item.value)) return refused(item, validateOpenMessage);
    const { conversationId, channel, direction } = item.value;
    const type = typeOf(item.value);
    if (!conversationId || !type) return { outcome: 'skipped' };
    const said = {
      conversationId,
      timestamp: channel.time,
      mediaType: 'message',
      direction: direction?.toLowerCase(),
    };
    return { outcome: 'event', type, data: pickConversationEvent(said) };
  },
};

/** Texts and presence changes move a conversation; receipts and typing do not. */
function typeOf({ type, events }: OpenMessage): ConversationType | undefined {
  if (type === 'Text' || type === 'Structured') return 'genesys.conversation.updated';
  const presence = events?.find(({ eventType }) => eventType === 'Presence')?.presence?.type;
  return presence === undefined ? undefined : PRESENCES.get(presence);
}
