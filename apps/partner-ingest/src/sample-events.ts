import { readFileSync } from 'node:fs';

/** Where the recorded partner events come from. */
export const GENESYS = 'aws.partner/genesys.com/cloud/5d32fe61-985f-44e7-aa09-5ee82bb29976/postcall';
export const BLUEPRINT =
  'aws.partner/genesys.com.test/cloud/32aa07aa-db1b-4987-abd0-9483601ec29d/test-event-bus';

export const RECORDED = [
  'blueprint-conversation-start-event',
  'blueprint-conversation-end-event',
  'customer-end',
  'sentiment',
  'topics',
  'categories',
  'transcription-session-ended',
] as const;

const fixtures = new URL('../../../libs/schemas/src/fixtures/partner-events/', import.meta.url);

/** A recorded partner event as EventBridge puts it on a queue, for tests. */
export const recorded = (name: (typeof RECORDED)[number]): string =>
  readFileSync(new URL(`${name}.json`, fixtures), 'utf8');

/** A partner event with nothing in it that the test does not say. */
export const partnerEvent = (topic: string, eventBody: object, changes: object = {}): string =>
  JSON.stringify({
    version: '0',
    id: 'e1',
    'detail-type': topic,
    source: GENESYS,
    time: '2026-11-20T14:03:30Z',
    detail: { version: '2', eventBody: { conversationId: 'c1', ...eventBody } },
    ...changes,
  });

export const CATEGORIES = 'v2.speechandtextanalytics.conversations.{id}.categories';
export const SENTIMENT = 'v2.speechandtextanalytics.conversation.{id}.sentiment';
export const DETAIL = 'v2.detail.events.conversation.{id}';
