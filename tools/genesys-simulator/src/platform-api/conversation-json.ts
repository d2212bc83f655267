import type { SimulatedConversation } from './simulated-conversations.ts';

/** As `GET /api/v2/speechandtextanalytics/conversations/{id}` answers. */
export function metricsJson(conversation: SimulatedConversation): object {
  const { conversationId, sentimentScore, sentimentTrend, agents, empathyScore } = conversation;
  return {
    conversation: { id: conversationId, selfUri: `/api/v2/conversations/${conversationId}` },
    sentimentScore,
    sentimentTrend,
    sentimentTrendClass: trendClass(sentimentTrend),
    empathyScores: agents.map(({ userId }) => ({ userId, score: empathyScore })),
    participantMetrics: {
      agentDurationPercentage: 48.1,
      customerDurationPercentage: 31,
      silenceDurationPercentage: 12.2,
      ivrDurationPercentage: 6,
      acdDurationPercentage: 1,
      overtalkDurationPercentage: 1.7,
      otherDurationPercentage: 0,
      overtalkCount: 3,
    },
  };
}

/** As `GET /api/v2/conversations/{id}/recordings` answers; an archived one is listed without its session. */
export function recordingsJson({ conversationId, agents, recordings }: SimulatedConversation): object[] {
  return agents.map(({ recordingId, sessionId }) => ({
    id: recordingId,
    conversationId,
    ...(recordings === 'listed' && { sessionId }),
    media: 'audio',
    fileState: recordings === 'listed' ? 'AVAILABLE' : 'ARCHIVED',
    selfUri: `/api/v2/conversations/${conversationId}/recordings/${recordingId}`,
  }));
}

/** `attributes` come with the results of a job and not with the query: customers put all sorts of things into them. */
export function detailsJson(conversation: SimulatedConversation, attributes: 'with' | 'without'): object {
  const { conversationId, startedAt, endedAt, direction, mediaType, agents, customerSessionId } =
    conversation;
  const customer = {
    participantId: customerSessionId,
    purpose: 'customer',
    participantName: 'Jane Doe',
    ...(attributes === 'with' && {
      attributes: { customerNumber: '0815', comment: 'call back at +44 20 7946 0000' },
    }),
    sessions: [
      {
        sessionId: customerSessionId,
        mediaType,
        direction,
        ani: 'tel:+442079460000',
        dnis: 'tel:+442079460001',
      },
    ],
  };
  return {
    conversationId,
    conversationStart: startedAt.toISOString(),
    ...(endedAt && { conversationEnd: endedAt.toISOString() }),
    originatingDirection: direction,
    divisionIds: ['d1ef57d6-83c4-4e10-b787-86456e18006d'],
    participants: [customer, ...agents.map((agent) => agentJson(conversation, agent))],
  };
}

function agentJson(
  { startedAt, endedAt, mediaType, direction }: SimulatedConversation,
  { userId, queueId, sessionId }: SimulatedConversation['agents'][number],
): object {
  const segment = { segmentType: 'interact', segmentStart: startedAt.toISOString(), queueId };
  return {
    participantId: userId,
    purpose: 'agent',
    userId,
    sessions: [
      {
        sessionId,
        mediaType,
        direction,
        recording: true,
        metrics: [{ name: 'tTalk', value: 184_000, emitDate: (endedAt ?? startedAt).toISOString() }],
        segments: [
          {
            ...segment,
            ...(endedAt && { segmentEnd: endedAt.toISOString() }),
            wrapUpCode: 'ININ-WRAP-UP-TIMEOUT',
          },
        ],
      },
    ],
  };
}

function trendClass(trend: number): string {
  if (trend < -0.2) return 'Declining';
  if (trend < -0.02) return 'SlightlyDeclining';
  if (trend <= 0.02) return 'NoChange';
  return trend <= 0.2 ? 'SlightlyImproving' : 'Improving';
}
