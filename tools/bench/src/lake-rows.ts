import type { OutcomeRow } from '@aftercall/schemas';

const HOUR_MILLIS = 3_600_000;
const START = Date.UTC(2026, 10, 20, 14);

/**
 * Outcomes of one hour as a busy contact centre has them: ids of random digits, 300 agents, a few words of many. Equal for
 * equal counts, and parsed from JSON, because that is what the rows of a queue are.
 */
export function lakeRows(count: number): readonly OutcomeRow[] {
  const world = worldOf(seeded(1));
  const random = seeded(count);
  const rows = Array.from({ length: count }, () => lakeRow(random, world));
  return rows.map((row) => JSON.parse(JSON.stringify(row)) as OutcomeRow);
}

/** A number from 0 to 1 at each call. @see https://en.wikipedia.org/wiki/Xorshift */
function seeded(seed: number): () => number {
  let state = seed + 0x9e3779b9;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

type World = ReturnType<typeof worldOf>;

const worldOf = (random: () => number) => ({
  agents: Array.from({ length: 300 }, () => uuid(random)),
  queues: Array.from({ length: 25 }, () => uuid(random)),
  intents: Array.from({ length: 40 }, (_, n) => `intent_${n}_of_customer`),
  phrases: Array.from(
    { length: 2_000 },
    (_, n) => `phrase ${n} about ${uuid(random).slice(0, 6)} überweisen`,
  ),
  topics: Array.from({ length: 60 }, (_, n) => `topic ${n}`),
  categories: Array.from({ length: 20 }, (_, n) => `category_${n}`),
});

function lakeRow(random: () => number, world: World): OutcomeRow {
  const [conversation, communication] = [uuid(random), uuid(random)];
  const occurredAt = START + Math.floor(random() * HOUR_MILLIS);
  const score = random() < 0.9 ? hundredths(random() * 2 - 1) : null;
  const intents = some(random, world.intents, 3);
  const violations = random() < 0.1 ? some(random, ['PCI_CARD_SPOKEN', 'DISCLOSURE_MISSING'], 2) : [];
  return {
    event_id: `evt-${uuid(random)}#${conversation}/${communication}`,
    event_type: 'genesys.analytics.outcome',
    org: 'main',
    source: 'main',
    conversation_id: conversation,
    communication_id: communication,
    agent_id: random() < 0.95 ? one(random, world.agents) : null,
    queue_id: one(random, world.queues),
    media_type: one(random, ['voice', 'chat', 'email', 'message']),
    direction: random() < 0.7 ? 'inbound' : 'outbound',
    occurred_at: new Date(occurredAt).toISOString(),
    received_at: new Date(occurredAt + 60_000 + Math.floor(random() * 240_000)).toISOString(),
    sentiment_label: one(random, ['negative', 'neutral', 'positive']),
    sentiment_score: score,
    sentiment_trend: score === null ? null : hundredths(random() * 2 - 1),
    sentiment_raw: score,
    sentiment_unit: null,
    empathy_score: random() < 0.8 ? Math.round(random() * 1_000) / 10 : null,
    top_intent: intents[0] ?? null,
    top_intent_confidence: intents.length > 0 ? hundredths(random()) : null,
    intents,
    keywords: some(random, world.phrases, 8),
    topics: some(random, world.topics, 4),
    categories: some(random, world.categories, 2),
    violation_count: violations.length,
    violations,
    max_severity: violations.length > 0 ? 'major' : null,
    has_transcript: random() < 0.8,
    truncated: false,
    schema_version: 1,
  };
}

const hundredths = (value: number): number => Math.round(value * 100) / 100;

/** Some are said far more often than others. */
const one = <T>(random: () => number, values: readonly T[]): T =>
  values[Math.floor(random() * random() * values.length)] as T;

const some = (random: () => number, values: readonly string[], most: number): string[] =>
  Array.from({ length: Math.floor(random() * (most + 1)) }, () => one(random, values));

function uuid(random: () => number): string {
  const hex = Array.from({ length: 4 }, () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  ).join('');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-');
}
