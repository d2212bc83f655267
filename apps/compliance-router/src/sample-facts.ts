import { type ComplianceRules, type OutcomeFact, type OutcomeRecorded, ruleFinder } from '@aftercall/schemas';
import type { RuleSet } from './route-violations.ts';

type Violation = OutcomeRecorded['violation_details'][number];

const nothingKnown = {
  communication_id: null,
  agent_id: null,
  queue_id: null,
  media_type: null,
  direction: null,
  sentiment_label: null,
  sentiment_score: null,
  sentiment_trend: null,
  sentiment_raw: null,
  sentiment_unit: null,
  empathy_score: null,
  top_intent: null,
  top_intent_confidence: null,
  intents: [],
  keywords: [],
  topics: [],
  categories: [],
  violations: [],
  max_severity: null,
  has_transcript: false,
  truncated: false,
  schema_version: 1,
  transcript_communication_id: null,
};

/** A violation for tests, with nothing in it that the test does not say. */
export const violation = (said: Partial<Violation> = {}): Violation => ({
  code: null,
  category: null,
  severity: 'unknown',
  offset_ms: null,
  ...said,
});

/** An outcome fact for tests, with nothing in it that the test does not say. */
export function outcomeFact(
  violations: readonly Violation[],
  data: Partial<OutcomeRecorded> = {},
  subject = 'c1',
): OutcomeFact {
  const eventId = `o#${subject}/-`;
  const org = 'main';
  return {
    specversion: '1.0',
    id: `${org}/${eventId}/aftercall.outcome.recorded`,
    source: 'aftercall',
    type: 'aftercall.outcome.recorded',
    subject,
    time: '2026-11-20T14:03:27.418Z',
    datacontenttype: 'application/json',
    org,
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    data: {
      ...nothingKnown,
      event_id: eventId,
      event_type: 'genesys.analytics.outcome',
      org,
      source: 'main',
      conversation_id: subject,
      occurred_at: '2026-11-20T14:03:27.418Z',
      received_at: '2026-11-20T14:05:00.000Z',
      violation_count: violations.length,
      violation_details: [...violations],
      ...data,
    },
  };
}

/** The body of the SQS message that EventBridge makes of a fact. */
export const busEvent = (fact: OutcomeFact): string =>
  JSON.stringify({
    version: '0',
    id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
    'detail-type': fact.type,
    source: 'aftercall',
    account: '000000000000',
    time: '2026-11-20T14:05:02Z',
    region: 'eu-west-1',
    resources: [],
    detail: fact,
  });

/** Three teams' rules. */
export const someRules: ComplianceRules = {
  defaultDueWithinSeconds: 86_400,
  rules: [
    {
      name: 'card-data',
      match: { code: ['PCI_CARD_SPOKEN'], severityAtLeast: 'major' },
      route: { team: 'security', severity: 'critical', dueWithinSeconds: 3_600 },
    },
    {
      name: 'conduct',
      match: { category: ['conduct'] },
      route: { team: 'coaching', dueWithinSeconds: 604_800 },
    },
    {
      name: 'worst',
      match: { severity: ['critical'] },
      route: { team: 'security', dueWithinSeconds: 7_200 },
    },
  ],
};

/** The teams of `someRules`, and the default. */
export const someTeams: ReadonlySet<string> = new Set(['default', 'security', 'coaching']);

/** Rules as the router uses them. */
export const ruleSet = (rules: ComplianceRules): RuleSet => ({
  findRule: ruleFinder(rules),
  defaultDueWithinSeconds: rules.defaultDueWithinSeconds,
});
