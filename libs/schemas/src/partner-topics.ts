/** Its events are many, and only the last of a session says that there is a transcript. */
export const TRANSCRIPTION_TOPIC = 'v2.conversations.{id}.transcription';

/**
 * What to ask Genesys Cloud's EventBridge integration for, as it lists the topics and as `detail-type` has them.
 * `adaptPartnerEvent` understands each.
 */
export const PARTNER_TOPICS: readonly string[] = [
  'v2.detail.events.conversation.{id}.customer.start',
  'v2.detail.events.conversation.{id}.customer.end',
  'v2.detail.events.conversation.{id}.acd.start',
  'v2.detail.events.conversation.{id}.acd.end',
  'v2.detail.events.conversation.{id}.user.start',
  'v2.detail.events.conversation.{id}.user.end',
  'v2.detail.events.conversation.{id}.acw',
  'v2.detail.events.conversation.{id}.wrapup',
  'v2.detail.events.conversation.{id}.attributes',
  'v2.speechandtextanalytics.conversation.{id}.sentiment',
  'v2.speechandtextanalytics.conversation.{id}.topics',
  'v2.speechandtextanalytics.conversation.{id}.empathy',
  'v2.speechandtextanalytics.conversations.{id}.categories',
  TRANSCRIPTION_TOPIC,
];
