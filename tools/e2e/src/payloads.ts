import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** What a person said in a conversation: it may travel and rest in tables, but no log may have it. */
export const CONFIDENTIAL_PHRASES = [
  'überweisen',
  'card number',
  'quittungsloser Zahlungsverzug',
  'supervisor',
];

const FIXTURES = resolve(import.meta.dirname, '../../../libs/schemas/src/fixtures');

/** The bytes of a recorded delivery, such as `analytics-webhook/single.json`. */
export const fixture = (name: string): Buffer => readFileSync(fixtureFile(name));

/** Where a recorded delivery lies. */
export const fixtureFile = (name: string): string => resolve(FIXTURES, name);

/** An outcome of a conversation, as it stands in a delivery's `data`. */
export interface Outcome {
  readonly conversationId: string;
  readonly timestamp: string;
  readonly [field: string]: unknown;
}

/** An outcome that holds words nobody but the parties should read. */
export function outcome(conversationId: string = randomUUID(), more: object = {}): Outcome {
  return {
    conversationId,
    timestamp: secondsAgo(120),
    mediaType: 'voice',
    keywords: [{ phrase: 'quittungsloser Zahlungsverzug', count: 1, participant: 'external' }],
    ...more,
  };
}

/** A delivery of the dialect `analytics-webhook`. */
export const analytics = (webhookEventId: string, data: unknown): string =>
  JSON.stringify({ webhookEventId, topic: 'post-call-analytics', data });

/** The id of an outcome's event, when the outcome names no communication. */
export const outcomeEventId = (
  webhookEventId: string,
  { conversationId }: Pick<Outcome, 'conversationId'>,
): string => `${webhookEventId}#${conversationId}/-`;

/** A delivery of the dialect `conversation-webhook`: the conversation's state at a second of its life. */
export const conversationStep = (conversationId: string, second: number, state: string): string =>
  JSON.stringify({
    event_type: second === 0 ? 'conversation:created' : 'conversation:updated',
    conversation_id: conversationId,
    type: 'voice',
    timestamp: secondsAgo(3_600 - second),
    state,
  });

const STARTED_AT_MILLIS = Date.now();

function secondsAgo(seconds: number): string {
  return new Date(STARTED_AT_MILLIS - seconds * 1_000).toISOString();
}
