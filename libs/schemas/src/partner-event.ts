import validateCategories from '../generated/partner-categories.js';
import validateDetail from '../generated/partner-detail.js';
import validateEmpathy from '../generated/partner-empathy.js';
import validateEvent from '../generated/partner-event.js';
import validateSentiment from '../generated/partner-sentiment.js';
import validateTopics from '../generated/partner-topics.js';
import validateTranscription from '../generated/partner-transcription.js';
import type { AnalyticsOutcome } from './analytics-outcome.ts';
import {
  type AnalyticsType,
  type ConversationType,
  PARTNER_EVENT_UNIT,
  TRANSCRIPT_READY_TYPE,
} from './constants.ts';
import type { ConversationEvent } from './conversation-event.ts';
import { type Adapted, type AdaptedEvent, refused, type Validator } from './dialect.ts';
import type { PartnerEvent } from './partner-event-schemas.ts';
import { pickConversationEvent } from './pick-conversation-event.ts';
import { pickOutcome } from './pick-outcome.ts';
import { pickTranscriptReady } from './pick-transcript-ready.ts';

type Refused = Extract<Adapted, { outcome: 'refused' }>;

export type ReadPartnerEvent = { readonly outcome: 'read'; readonly event: PartnerEvent } | Refused;

export type AdaptedPartnerEvent =
  | AdaptedEvent
  | {
      readonly outcome: 'skipped';
      readonly reason: 'unknown-topic' | 'session-ongoing' | 'nothing-said';
    }
  | Refused;

/** Reads what EventBridge sent, as far as all topics of Genesys Cloud are alike. Never throws, never quotes a value. */
export const readPartnerEvent = (value: unknown): ReadPartnerEvent =>
  validateEvent(value) ? { outcome: 'read', event: value } : refused({ pointer: '' }, validateEvent);

/**
 * Translates a partner event into one of ours. Categories are ids still. Never throws, never quotes a value.
 * @see https://developer.genesys.cloud/notificationsalerts/notifications/available-topics
 */
export function adaptPartnerEvent(event: PartnerEvent): AdaptedPartnerEvent {
  const topic = event['detail-type'];
  for (const [pattern, adapt] of TOPICS) {
    const [, name] = pattern.exec(topic) ?? [];
    if (name !== undefined) return adapt(event, name);
  }
  return UNKNOWN_TOPIC;
}

type Adapt = (event: PartnerEvent, name: string) => AdaptedPartnerEvent;

const UNKNOWN_TOPIC = { outcome: 'skipped', reason: 'unknown-topic' } as const;
const NOTHING_SAID = { outcome: 'skipped', reason: 'nothing-said' } as const;

/** What stands for the conversation's id, in a topic or in a list of topics. */
const ID = '[^.]+';

/** Topic → what makes an event of ours of it. The topic's last part is its name. */
const TOPICS: readonly (readonly [RegExp, Adapt])[] = [
  [new RegExp(`^v2\\.detail\\.events\\.conversation\\.${ID}\\.([a-z.]+)$`), adaptDetail],
  [new RegExp(`^v2\\.conversations\\.${ID}\\.(transcription)$`), adaptTranscription],
  [new RegExp(`^v2\\.speechandtextanalytics\\.conversations?\\.${ID}\\.([a-z]+)$`), adaptAnalytics],
];

const DETAIL_TYPES: ReadonlyMap<string, ConversationType> = new Map([
  ['customer.start', 'genesys.conversation.started'],
  ['customer.end', 'genesys.conversation.ended'],
  ['acd.start', 'genesys.conversation.updated'],
  ['acd.end', 'genesys.conversation.updated'],
  ['user.start', 'genesys.conversation.updated'],
  ['user.end', 'genesys.conversation.updated'],
  ['flow.start', 'genesys.conversation.updated'],
  ['flow.end', 'genesys.conversation.updated'],
  ['flow.outcome', 'genesys.conversation.updated'],
  ['acw', 'genesys.conversation.updated'],
  ['wrapup', 'genesys.conversation.updated'],
  ['attributes', 'genesys.conversation.updated'],
]);

function adaptDetail(event: PartnerEvent, name: string): AdaptedPartnerEvent {
  const type = DETAIL_TYPES.get(name);
  if (!type) return UNKNOWN_TOPIC;
  const read = bodyOf(event, validateDetail);
  if (read.outcome === 'refused') return read;
  const { body } = read;
  const { conversationId, userId, externalContactId } = body;
  const said: ConversationEvent = {
    conversationId,
    timestamp: timeOf(event, body),
    mediaType: mediaTypeOf(body),
    state: type === 'genesys.conversation.updated' ? name : undefined,
    direction: body.direction?.toLowerCase(),
    externalContactId: externalContactId ?? undefined,
    agentIds: userId ? [userId] : undefined,
  };
  return { outcome: 'event', type, data: pickConversationEvent(said) };
}

function adaptTranscription(event: PartnerEvent): AdaptedPartnerEvent {
  const read = bodyOf(event, validateTranscription);
  if (read.outcome === 'refused') return read;
  const { body } = read;
  if (body.status?.status?.toUpperCase() !== 'SESSION_ENDED') {
    return { outcome: 'skipped', reason: 'session-ongoing' };
  }
  const said = {
    conversationId: body.conversationId,
    communicationId: body.communicationId ?? undefined,
    timestamp: timeOf(event, body),
  };
  return { outcome: 'event', type: TRANSCRIPT_READY_TYPE, data: pickTranscriptReady(said) };
}

function adaptAnalytics(event: PartnerEvent, name: string): AdaptedPartnerEvent {
  const adapt = ANALYTICS.get(name);
  return adapt ? adapt(event) : UNKNOWN_TOPIC;
}

const ANALYTICS: ReadonlyMap<string, (event: PartnerEvent) => AdaptedPartnerEvent> = new Map([
  ['sentiment', adaptSentiment],
  ['topics', adaptTopics],
  ['empathy', adaptEmpathy],
  ['categories', adaptCategories],
]);

function adaptSentiment(event: PartnerEvent): AdaptedPartnerEvent {
  const read = bodyOf(event, validateSentiment);
  if (read.outcome === 'refused') return read;
  const { body } = read;
  const { sentimentOverallScore: score, sentimentTrendScore: trend } = body;
  if (score === null && (trend ?? null) === null) return NOTHING_SAID;
  return outcome('genesys.analytics.sentiment', event, body, {
    queueId: onlyOne(body.queueIds),
    sentiment: { score: score ?? undefined, trend: trend ?? undefined, unit: PARTNER_EVENT_UNIT },
  });
}

function adaptTopics(event: PartnerEvent): AdaptedPartnerEvent {
  const read = bodyOf(event, validateTopics);
  if (read.outcome === 'refused') return read;
  const { body } = read;
  const agents = body.participants?.filter(({ purpose }) => purpose?.toLowerCase() === 'agent');
  return outcome('genesys.analytics.topics', event, body, {
    communicationId: body.communicationId ?? undefined,
    agentId: onlyOne(agents?.map(({ userId }) => userId)),
    queueId: onlyOne(agents?.map(({ queueId }) => queueId)),
    mediaType: mediaTypeOf(body),
    topics: distinct(body.topics.map(({ topicName, topicId }) => topicName ?? topicId)),
    // Topics are found in a transcript, so there is one.
    transcript: body.transcriptId ? { available: true } : undefined,
  });
}

/** Of several agents' scores the conversation has the mean. */
function adaptEmpathy(event: PartnerEvent): AdaptedPartnerEvent {
  const read = bodyOf(event, validateEmpathy);
  if (read.outcome === 'refused') return read;
  const { body } = read;
  const scored = body.agents.flatMap(({ agentId, overallEmpathyScore: score }) =>
    typeof score === 'number' ? [{ agentId, score }] : [],
  );
  if (scored.length === 0) return NOTHING_SAID;
  return outcome('genesys.analytics.empathy', event, body, {
    agentId: onlyOne(scored.map(({ agentId }) => agentId)),
    queueId: onlyOne(body.queueIds),
    empathyScore: scored.reduce((sum, { score }) => sum + score, 0) / scored.length,
  });
}

function adaptCategories(event: PartnerEvent): AdaptedPartnerEvent {
  const read = bodyOf(event, validateCategories);
  if (read.outcome === 'refused') return read;
  const { body } = read;
  return outcome('genesys.analytics.categories', event, body, {
    mediaType: mediaTypeOf(body),
    categories: distinct(body.categoryIds),
  });
}

function outcome(
  type: AnalyticsType,
  event: PartnerEvent,
  body: About,
  said: Partial<AnalyticsOutcome>,
): AdaptedPartnerEvent {
  const { conversationId } = body;
  const data = pickOutcome({ ...said, conversationId, timestamp: timeOf(event, body) });
  return { outcome: 'event', type, data };
}

/** What every event's body says. */
interface About {
  readonly conversationId: string;
  readonly eventTime?: number | string | null | undefined;
}

function bodyOf<T>(
  { detail }: PartnerEvent,
  validate: Validator<T>,
): { readonly outcome: 'read'; readonly body: T } | Refused {
  const body: unknown = detail.eventBody;
  if (validate(body)) return { outcome: 'read', body };
  return refused({ pointer: '/detail/eventBody' }, validate);
}

/** Detail events count milliseconds, others write a date; those that do neither were told of at `timestamp`. */
function timeOf({ time, detail }: PartnerEvent, { eventTime }: About): string {
  if (typeof eventTime === 'number') return new Date(eventTime).toISOString();
  return eventTime ?? detail.timestamp ?? time;
}

/** Speech analytics says `call` of what is `voice` everywhere else, and detail events write in capitals. */
function mediaTypeOf({ mediaType }: { readonly mediaType?: string | null | undefined }): string | undefined {
  const lower = mediaType?.toLowerCase();
  return lower === 'call' ? 'voice' : lower;
}

type Values = readonly (string | null | undefined)[];

const distinct = (values: Values): readonly string[] => [
  ...new Set(values.flatMap((value) => (value ? [value] : []))),
];

/** An outcome names one agent and one queue; where there were several, none. */
function onlyOne(values: Values | null | undefined): string | undefined {
  const [one, ...more] = distinct(values ?? []);
  return more.length === 0 ? one : undefined;
}
