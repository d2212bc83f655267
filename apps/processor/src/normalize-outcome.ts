import {
  type AnalyticsOutcome,
  type OutcomeEnvelope,
  type OutcomeRecorded,
  SEVERITIES,
  type Severity,
  sourceKeyOf,
} from '@aftercall/schemas';

const SCHEMA_VERSION = 1;

/** Spelt out, a violation takes twenty times what an empty one takes in an event, and the bus takes 1 MiB. */
const MAX_VIOLATION_DETAILS = 1_000;

/** What a stage takes the sentiment of its senders to mean. */
export interface SentimentMeaning {
  /** Label (lower case) → score from −1 to 1. */
  readonly sentimentScores: ReadonlyMap<string, number>;
  /** Unit → what a number in it is multiplied by to lie between −1 and 1. */
  readonly sentimentScales: ReadonlyMap<string, number>;
}

/** One outcome as analysts and QA teams see it: normalised, with null for what is not known. */
export function normalizeOutcome(envelope: OutcomeEnvelope, meaning: SentimentMeaning): OutcomeRecorded {
  const { data } = envelope;
  const topIntent = topIntentOf(data);
  const violations = data.complianceViolations ?? [];
  return {
    event_id: envelope.id,
    event_type: envelope.type,
    org: envelope.org,
    source: sourceKeyOf(envelope),
    conversation_id: data.conversationId,
    communication_id: data.communicationId ?? null,
    agent_id: data.agentId ?? null,
    queue_id: data.queueId ?? null,
    media_type: data.mediaType ?? null,
    direction: data.direction ?? null,
    occurred_at: envelope.time,
    received_at: envelope.receivedtime,
    ...sentimentOf(data, meaning),
    empathy_score: data.empathyScore ?? null,
    top_intent: topIntent?.name ?? null,
    top_intent_confidence: topIntent?.confidence ?? null,
    intents: (data.intents ?? []).map(({ name }) => name),
    keywords: (data.keywords ?? []).map(({ phrase }) => phrase),
    topics: [...(data.topics ?? [])],
    categories: [...(data.categories ?? [])],
    violation_count: violations.length,
    violations: violations.flatMap(({ code }) => code ?? []),
    max_severity: maxSeverity(violations.map(({ severity }) => severityOf(severity))),
    has_transcript: data.transcript?.available === true,
    truncated: data.truncated === true || violations.length > MAX_VIOLATION_DETAILS,
    schema_version: SCHEMA_VERSION,
    violation_details: detailsOf(violations).slice(0, MAX_VIOLATION_DETAILS),
    transcript_communication_id: data.transcript?.communicationId ?? data.communicationId ?? null,
  };
}

/** A number in a unit that is known wins over a label; a label nobody configured is null, never "neutral". */
function sentimentOf(
  { sentiment }: AnalyticsOutcome,
  { sentimentScores, sentimentScales }: SentimentMeaning,
) {
  const { overall: label = null, score: raw = null, trend = null, unit = null } = sentiment ?? {};
  const ofLabel = sentimentScores.get(label?.toLowerCase() ?? '') ?? null;
  const scale = unit === null ? 1 : sentimentScales.get(unit.toLowerCase());
  return {
    sentiment_label: label,
    sentiment_score: scaled(raw, scale) ?? ofLabel,
    sentiment_trend: scaled(trend, scale),
    sentiment_raw: raw,
    sentiment_unit: unit,
  };
}

function scaled(value: number | null, scale: number | undefined): number | null {
  if (value === null || scale === undefined) return null;
  const score = value * scale;
  return score >= -1 && score <= 1 ? score : null;
}

/** The intent the analysis was surest of, not the first it wrote down. */
function topIntentOf({
  intents = [],
}: AnalyticsOutcome): { name: string; confidence?: number | undefined } | undefined {
  return intents.reduce<(typeof intents)[number] | undefined>(
    (top, intent) => (top === undefined || (intent.confidence ?? 0) > (top.confidence ?? 0) ? intent : top),
    undefined,
  );
}

/** The worst first, so that what is cut is what matters least. */
function detailsOf(violations: NonNullable<AnalyticsOutcome['complianceViolations']>) {
  const details = violations.map(({ code, category, severity, offsetMs }) => ({
    code: code ?? null,
    category: category ?? null,
    severity: severityOf(severity),
    offset_ms: offsetMs ?? null,
  }));
  if (details.length <= MAX_VIOLATION_DETAILS) return details;
  return details.toSorted(
    (left, right) => SEVERITIES.indexOf(left.severity) - SEVERITIES.indexOf(right.severity),
  );
}

const severityOf = (severity: string | undefined): Severity =>
  SEVERITIES.find((known) => known === severity?.toLowerCase()) ?? 'unknown';

const maxSeverity = (severities: readonly Severity[]): Severity | null =>
  SEVERITIES.find((severity) => severities.includes(severity)) ?? null;
