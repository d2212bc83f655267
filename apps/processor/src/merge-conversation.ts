import {
  type ConversationChanged,
  type EventEnvelope,
  isOutcome,
  type OutcomeRecorded,
  sha256,
  TRANSCRIPT_READY_TYPE,
} from '@aftercall/schemas';

/** How many agents a conversation lists. */
const MAX_AGENTS = 100;

/**
 * The conversation item. Everything in it is a function of the set of events seen, so any order and any repetition of
 * them ends in the same item, but for `revision`.
 */
export interface Conversation extends Omit<ConversationChanged, 'late'> {
  /** Per field, the order of the event that set it. */
  readonly guards: Readonly<Record<string, string>>;
  /** Per listed agent, the time of the first event with that agent in it. */
  readonly agentsSeen: Readonly<Record<string, string>>;
  readonly rawPayload?: string;
}

/** What one event says about its conversation; `outcome` only with an outcome event. */
export interface Observation {
  readonly key: string;
  readonly envelope: EventEnvelope;
  readonly outcome: OutcomeRecorded | undefined;
  readonly rawPayload: string | undefined;
}

/** Of events at one instant, the one that is further along a conversation's life counts. */
const RANKS: Readonly<Record<EventEnvelope['type'], number>> = {
  'genesys.conversation.started': 0,
  'genesys.conversation.updated': 1,
  'genesys.analytics.outcome': 1,
  'genesys.analytics.sentiment': 1,
  'genesys.analytics.topics': 1,
  'genesys.analytics.empathy': 1,
  'genesys.analytics.categories': 1,
  'genesys.transcript.ready': 1,
  'genesys.conversation.ended': 2,
};

/** Text that sorts as events do: by time, then rank, then a hash that decides ties the same way everywhere. */
export const orderOf = ({ time, type, id }: EventEnvelope): string =>
  `${time}|${RANKS[type]}|${sha256(id).slice(0, 16)}`;

type Fields = Partial<Omit<Conversation, 'guards' | 'agentsSeen' | 'agentIds'>>;

/** Merges one event into what is known. Merging it again changes nothing. */
export function mergeConversation(known: Conversation | undefined, observation: Observation): Conversation {
  const { key, envelope } = observation;
  const order = orderOf(envelope);
  let merged: Conversation = known ?? emptyConversation(key, envelope);
  for (const [field, value, guard] of claimsOf(observation, order)) {
    const standing = merged.guards[field];
    if (standing !== undefined && standing >= guard) continue;
    merged = { ...merged, [field]: value, guards: { ...merged.guards, [field]: guard } };
  }
  return mergeAgents(merged, envelope);
}

const emptyConversation = (key: string, { org, source, time, id }: EventEnvelope): Conversation => ({
  conversationId: key,
  org,
  source,
  status: 'active',
  agentIds: [],
  updatedAt: time,
  violationCount: 0,
  transcripts: [],
  lastEventId: id,
  guards: {},
  agentsSeen: {},
});

/** Every field the event has a word on, with the guard it must beat. */
function claimsOf(observation: Observation, order: string): readonly (readonly [string, unknown, string])[] {
  const claims = Object.entries(fieldsOf(observation)).filter(
    ([, value]) => value !== undefined && value !== null,
  );
  return claims.map(([field, value]) => [field, value, guardOf(field, order, observation.envelope)] as const);
}

/** `ended` is final whatever its time; the first start is the start; for the rest the newest event counts. */
function guardOf(field: string, order: string, { type, time }: EventEnvelope): string {
  if (field === 'status' || field === 'state')
    return `${type === 'genesys.conversation.ended' ? 1 : 0}|${order}`;
  if (field === 'startedAt') return descending(time);
  return order;
}

/** Turns an ISO time into text that sorts the other way round, so that the earliest start wins. */
const descending = (time: string): string =>
  String(Number.MAX_SAFE_INTEGER - Date.parse(time)).padStart(16, '0');

function fieldsOf({ envelope, outcome, rawPayload }: Observation): Fields {
  const { source, time, id } = envelope;
  const always = {
    source,
    updatedAt: time,
    lastEventId: id,
    ...(rawPayload !== undefined && { rawPayload }),
  };
  if (envelope.type === TRANSCRIPT_READY_TYPE) return always;
  if (isOutcome(envelope)) {
    const { mediaType, direction } = envelope.data;
    return {
      ...always,
      ...defined({ mediaType, direction }),
      sentimentScore: outcome?.sentiment_score ?? null,
      // An outcome may come in parts: one that does not speak of violations does not say there are none.
      ...(envelope.data.complianceViolations && { violationCount: outcome?.violation_count ?? 0 }),
    };
  }
  const { mediaType, direction, state, externalContactId } = envelope.data;
  return {
    ...always,
    ...defined({ mediaType, direction, state, externalContactId }),
    status: envelope.type === 'genesys.conversation.ended' ? 'ended' : 'active',
    ...(envelope.type === 'genesys.conversation.started' && { startedAt: time }),
    ...(envelope.type === 'genesys.conversation.ended' && { endedAt: time }),
  };
}

const defined = <T extends Record<string, string | undefined>>(fields: T): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );

/** Keeps the agents seen first: each agent's earliest time, and of all agents the lowest by time, then id. */
function mergeAgents(conversation: Conversation, envelope: EventEnvelope): Conversation {
  const agents = agentsOf(envelope);
  if (agents.length === 0) return conversation;
  const seen = new Map(Object.entries(conversation.agentsSeen));
  for (const agent of agents) {
    const first = seen.get(agent);
    if (first === undefined || envelope.time < first) seen.set(agent, envelope.time);
  }
  const kept = [...seen].sort(byTimeThenId).slice(0, MAX_AGENTS);
  return {
    ...conversation,
    agentIds: kept.map(([agent]) => agent),
    agentsSeen: Object.fromEntries(kept),
  };
}

const byTimeThenId = ([idA, timeA]: [string, string], [idB, timeB]: [string, string]): number =>
  compare(timeA, timeB) || compare(idA, idB);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function agentsOf(envelope: EventEnvelope): readonly string[] {
  if (envelope.type === TRANSCRIPT_READY_TYPE) return [];
  if (!isOutcome(envelope)) return envelope.data.agentIds ?? [];
  return envelope.data.agentId === undefined ? [] : [envelope.data.agentId];
}

/** Whether the conversation already knew something newer, or was over, when the event is looked at in this state. */
export function isLate(conversation: Conversation, envelope: EventEnvelope): boolean {
  const newest = conversation.guards['lastEventId'];
  if (newest !== undefined && newest > orderOf(envelope)) return true;
  const goesOn =
    envelope.type === 'genesys.conversation.started' || envelope.type === 'genesys.conversation.updated';
  return goesOn && conversation.status === 'ended';
}
