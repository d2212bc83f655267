import type { AnalyticsOutcome } from './analytics-outcome.ts';

/**
 * The outcome's known fields in one fixed order, so that its JSON text is canonical and can be hashed.
 * What is not known is left behind: it has no effect, and it may be personal.
 */
export function pickOutcome(given: AnalyticsOutcome): AnalyticsOutcome {
  const { sentiment, transcript } = given;
  return {
    conversationId: given.conversationId,
    communicationId: given.communicationId,
    agentId: given.agentId,
    queueId: given.queueId,
    mediaType: given.mediaType,
    direction: given.direction,
    timestamp: given.timestamp,
    sentiment: sentiment && {
      overall: sentiment.overall,
      score: sentiment.score,
      trend: sentiment.trend,
      unit: sentiment.unit,
    },
    empathyScore: given.empathyScore,
    intents: given.intents?.map(({ name, confidence }) => ({ name, confidence })),
    keywords: given.keywords?.map(({ phrase, count, participant }) => ({ phrase, count, participant })),
    topics: given.topics,
    categories: given.categories,
    complianceViolations: given.complianceViolations?.map(
      ({ code, category, severity, offsetMs, phrase }) => ({ code, category, severity, offsetMs, phrase }),
    ),
    transcript: transcript && {
      available: transcript.available,
      communicationId: transcript.communicationId,
      sizeBytes: transcript.sizeBytes,
    },
    truncated: given.truncated,
  };
}
