import type { OutcomeRow } from '@aftercall/schemas';
import type { SQSEvent } from 'aws-lambda';

/** A row for tests, with nothing in it that the test does not say. */
export const outcomeRow = (said: Partial<OutcomeRow> = {}): OutcomeRow => ({
  event_id: 'e1#c1/-',
  event_type: 'genesys.analytics.outcome',
  org: 'main',
  source: 'main',
  conversation_id: 'c1',
  communication_id: null,
  agent_id: null,
  queue_id: null,
  media_type: null,
  direction: null,
  occurred_at: '2026-11-20T14:03:27.418Z',
  received_at: '2026-11-20T14:05:01.310Z',
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
  violation_count: 0,
  violations: [],
  max_severity: null,
  has_transcript: false,
  truncated: false,
  schema_version: 1,
  ...said,
});

/** The row as EventBridge puts it on the lake's queue. */
export const outcomeBody = (row: OutcomeRow): string =>
  JSON.stringify({
    version: '0',
    id: 'bus-1',
    'detail-type': 'aftercall.outcome.recorded',
    source: 'aftercall',
    account: '000000000000',
    time: '2026-11-20T14:05:02Z',
    region: 'eu-west-1',
    resources: [],
    detail: {
      specversion: '1.0',
      id: `${row.org}/${row.event_id}/aftercall.outcome.recorded`,
      source: 'aftercall',
      type: 'aftercall.outcome.recorded',
      subject: row.conversation_id,
      time: row.occurred_at,
      datacontenttype: 'application/json',
      org: row.org,
      data: { ...row, violation_details: [], transcript_communication_id: null },
    },
  });

/** A batch of a standard queue as Lambda hands it over; message `m0` first. */
export const batchOf = (bodies: readonly string[]): SQSEvent => ({
  Records: bodies.map((body, index) => ({
    messageId: `m${index}`,
    receiptHandle: `r${index}`,
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '1763647502000',
      SenderId: 'events',
      ApproximateFirstReceiveTimestamp: '1763647502000',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:aftercall-local-lake',
    awsRegion: 'eu-west-1',
  })),
});
