import { PARTNER_TOPICS, TRANSCRIPTION_TOPIC } from '@aftercall/schemas';

/** The events of a partner event source that become ours: what the bus leaves out costs nothing. */
export const partnerPattern = (eventSourceName: string) => ({
  source: [eventSourceName],
  $or: [
    { 'detail-type': PARTNER_TOPICS.filter((topic) => topic !== TRANSCRIPTION_TOPIC) },
    {
      'detail-type': [TRANSCRIPTION_TOPIC],
      detail: { eventBody: { status: { status: [{ 'equals-ignore-case': 'SESSION_ENDED' }] } } },
    },
  ],
});
