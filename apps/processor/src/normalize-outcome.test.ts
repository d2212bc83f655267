import { expect, test } from '@jest/globals';
import type { AnalyticsOutcome } from '@aftercall/schemas';
import { normalizeOutcome } from './normalize-outcome.ts';
import { outcomeEvent } from './sample-events.ts';

const meaning = {
  sentimentScores: new Map([
    ['negative', -1],
    ['neutral', 0],
    ['positive', 1],
  ]),
  sentimentScales: new Map([
    ['genesys-event', 1],
    ['percent', 0.01],
  ]),
};
const normalized = (data: Partial<AnalyticsOutcome>) =>
  normalizeOutcome(outcomeEvent({ id: 'o', time: '2026-11-20T14:03:27.418Z', data }), meaning);

test('the top intent is the one with the highest confidence, not the first', () => {
  const intents = [
    { name: 'billing_dispute', confidence: 0.61 },
    { name: 'cancel_contract', confidence: 0.83 },
  ];
  expect(normalized({ intents })).toMatchObject({
    top_intent: 'cancel_contract',
    top_intent_confidence: 0.83,
    intents: ['billing_dispute', 'cancel_contract'],
  });
  expect(normalized({})).toMatchObject({ top_intent: null, top_intent_confidence: null, intents: [] });
});

test.each([
  [
    'a label',
    { overall: 'Negative' },
    { sentiment_label: 'Negative', sentiment_score: -1, sentiment_raw: null },
  ],
  [
    'a score, which wins over the label',
    { overall: 'positive', score: -0.62 },
    { sentiment_label: 'positive', sentiment_score: -0.62, sentiment_raw: -0.62 },
  ],
  [
    'a label nobody configured: unknown, never neutral',
    { overall: 'furious' },
    { sentiment_label: 'furious', sentiment_score: null },
  ],
  ['a score off the scale: unknown, but kept raw', { score: 7 }, { sentiment_score: null, sentiment_raw: 7 }],
  [
    'a score in a unit that is configured',
    { overall: 'negative', score: -62, trend: 5, unit: 'Percent' },
    { sentiment_score: -0.62, sentiment_trend: 0.05, sentiment_raw: -62, sentiment_unit: 'Percent' },
  ],
  [
    'a score in a unit nobody configured: unknown, but kept raw',
    { score: 0.4, trend: 0.1, unit: 'stars' },
    { sentiment_score: null, sentiment_trend: null, sentiment_raw: 0.4, sentiment_unit: 'stars' },
  ],
  [
    'a score that is off the scale of its unit: unknown, but kept raw',
    { score: -62, unit: 'genesys-event' },
    { sentiment_score: null, sentiment_raw: -62 },
  ],
  [
    'a label, where the score is in a unit nobody configured',
    { overall: 'negative', score: 1, unit: 'stars' },
    { sentiment_score: -1, sentiment_raw: 1 },
  ],
])('sentiment from %s', (_case, sentiment, row) => {
  expect(normalized({ sentiment })).toMatchObject(row);
});

test('no sentiment at all is unknown', () => {
  expect(normalized({})).toMatchObject({
    sentiment_label: null,
    sentiment_score: null,
    sentiment_trend: null,
  });
});

test('violations are counted with or without a code, and the worst severity is named', () => {
  const complianceViolations = [
    { code: 'DISCLOSURE_MISSING', severity: 'major', offsetMs: 0 },
    {
      code: 'PCI_CARD_SPOKEN',
      severity: 'CRITICAL',
      offsetMs: 184_250,
      category: 'payment',
      phrase: 'card number',
    },
    { severity: 'catastrophic' },
  ];
  expect(normalized({ complianceViolations })).toMatchObject({
    violation_count: 3,
    violations: ['DISCLOSURE_MISSING', 'PCI_CARD_SPOKEN'],
    max_severity: 'critical',
    violation_details: [
      { code: 'DISCLOSURE_MISSING', category: null, severity: 'major', offset_ms: 0 },
      { code: 'PCI_CARD_SPOKEN', category: 'payment', severity: 'critical', offset_ms: 184_250 },
      { code: null, category: null, severity: 'unknown', offset_ms: null },
    ],
  });
  expect(normalized({}).max_severity).toBeNull();
});

test('a transcript is announced with the communication it belongs to', () => {
  expect(normalized({ transcript: { available: true }, communicationId: 'k1' })).toMatchObject({
    has_transcript: true,
    transcript_communication_id: 'k1',
  });
  expect(normalized({ transcript: { available: false } })).toMatchObject({
    has_transcript: false,
    transcript_communication_id: null,
  });
});

test('what was cut says so, and the source is its key', () => {
  expect(normalized({ truncated: true, keywords: [{ phrase: 'überweisen' }] })).toMatchObject({
    truncated: true,
    keywords: ['überweisen'],
    source: 'main',
  });
});

test('of more violations than the bus could take spelt out, the worst are told and all are counted', () => {
  const complianceViolations = [
    ...Array.from({ length: 60_000 }, () => ({})),
    { code: 'PCI_CARD_SPOKEN', severity: 'critical' },
  ];
  const outcome = normalized({ complianceViolations });
  expect(outcome).toMatchObject({ violation_count: 60_001, max_severity: 'critical', truncated: true });
  expect(outcome.violation_details).toHaveLength(1_000);
  expect(outcome.violation_details[0]).toMatchObject({ code: 'PCI_CARD_SPOKEN' });
});
