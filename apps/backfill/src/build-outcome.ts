import type { Conversation, ConversationMetrics, Session } from '@aftercall/genesys';
import { type MadeEvent, makeEvent, OUTCOME_TYPE, PLATFORM_API_UNIT } from '@aftercall/schemas';
import type { BackfillSource } from './backfill-source.ts';

/** Who makes the event, and when. */
export interface OutcomeOrigin {
  readonly source: BackfillSource;
  readonly request: string;
  readonly now: Date;
}

/**
 * The outcome event of a conversation that has ended. Its id follows from what it says: the same answer of Genesys
 * Cloud is the same event, whichever run asks, and another answer is another event and no conflict.
 */
export function buildOutcome(
  conversation: Conversation & { readonly endedAt: Date },
  metrics: ConversationMetrics,
  { source, request, now }: OutcomeOrigin,
): MadeEvent {
  const { conversationId, endedAt } = conversation;
  const sessions = agentSessions(conversation);
  const data = {
    conversationId,
    agentId: onlyOne(agentIds(conversation)),
    queueId: sessions.flatMap(({ queueIds }) => queueIds).at(-1),
    mediaType: firstOf(sessions, ({ mediaType }) => mediaType),
    direction: conversation.originatingDirection ?? firstOf(sessions, ({ direction }) => direction),
    timestamp: endedAt.toISOString(),
    sentiment: sentimentOf(metrics),
    empathyScore: onlyOne(metrics.empathyScores.flatMap(({ score }) => score ?? [])),
    transcript: transcriptOf(sessionsOf(conversation)),
  };
  const origin = { source, deliveryId: `backfill/${request}`, receivedTime: now, traceparent: undefined };
  return makeEvent({ outcome: 'event', type: OUTCOME_TYPE, data }, undefined, origin);
}

const AGENTS: ReadonlySet<string | undefined> = new Set(['agent', 'user']);

const agentIds = ({ participants }: Conversation): readonly string[] => [
  ...new Set(participants.flatMap(({ purpose, userId }) => (AGENTS.has(purpose) ? (userId ?? []) : []))),
];

const sessionsOf = ({ participants }: Conversation): readonly Session[] =>
  participants.flatMap(({ sessions }) => sessions);

/** Those of the customer and of machines say less; without an agent they have to do. */
function agentSessions(conversation: Conversation): readonly Session[] {
  const agents = conversation.participants.filter(({ purpose }) => AGENTS.has(purpose));
  const sessions = agents.flatMap((agent) => agent.sessions);
  return sessions.length > 0 ? sessions : sessionsOf(conversation);
}

function sentimentOf({ sentimentScore: score, sentimentTrend: trend }: ConversationMetrics) {
  if (score === undefined && trend === undefined) return undefined;
  return { score, trend, unit: PLATFORM_API_UNIT };
}

/** With several recordings, whoever fetches transcripts finds out which there are. */
function transcriptOf(sessions: readonly Session[]) {
  const recorded = sessions.filter(({ isRecorded }) => isRecorded);
  if (recorded.length === 0) return undefined;
  return { available: true, communicationId: onlyOne(recorded.flatMap(({ sessionId }) => sessionId ?? [])) };
}

const onlyOne = <T>(values: readonly T[]): T | undefined => (values.length === 1 ? values[0] : undefined);

const firstOf = (sessions: readonly Session[], field: (session: Session) => string | undefined) =>
  sessions.map(field).find((value) => value !== undefined);
