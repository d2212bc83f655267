import { describe, expect, test } from '@jest/globals';
import type { OutcomeFact } from './facts.ts';
import { readOutcomeFact } from './read-outcome-fact.ts';

const fact: OutcomeFact = {
  specversion: '1.0',
  id: 'main/e1#c1/-/aftercall.outcome.recorded',
  source: 'aftercall',
  type: 'aftercall.outcome.recorded',
  subject: 'c1',
  time: '2026-11-20T14:03:27.418Z',
  datacontenttype: 'application/json',
  org: 'main',
  data: {
    event_id: 'e1#c1/-',
    event_type: 'genesys.analytics.outcome',
    org: 'main',
    source: 'main',
    conversation_id: 'c1',
    communication_id: null,
    agent_id: null,
    queue_id: null,
    media_type: 'voice',
    direction: null,
    occurred_at: '2026-11-20T14:03:27.418Z',
    received_at: '2026-11-20T14:05:01.310Z',
    sentiment_label: 'secret-label',
    sentiment_score: -1,
    sentiment_trend: null,
    sentiment_raw: null,
    sentiment_unit: null,
    empathy_score: 71.5,
    top_intent: null,
    top_intent_confidence: null,
    intents: [],
    keywords: ['überweisen'],
    topics: [],
    categories: [],
    violation_count: 0,
    violations: [],
    max_severity: null,
    has_transcript: false,
    truncated: false,
    schema_version: 1,
    violation_details: [],
    transcript_communication_id: null,
  },
};

/** As EventBridge puts it on a queue. */
const bodyOf = (detail: object, changes: object = {}): string =>
  JSON.stringify({
    version: '0',
    id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
    'detail-type': 'aftercall.outcome.recorded',
    source: 'aftercall',
    account: '000000000000',
    time: '2026-11-20T14:05:02Z',
    region: 'eu-west-1',
    resources: [],
    detail,
    ...changes,
  });
const withData = (changes: object): string => bodyOf({ ...fact, data: { ...fact.data, ...changes } });

describe('the body of a message behind the bus', () => {
  test('is the fact in it', () => {
    expect(readOutcomeFact(bodyOf(fact))).toEqual({ outcome: 'fact', fact });
  });

  test('may say more than is known here', () => {
    expect(readOutcomeFact(withData({ mood_ring: 'green' }))).toMatchObject({ outcome: 'fact' });
  });

  test.each([
    ['another detail-type', bodyOf(fact, { 'detail-type': 'aftercall.conversation.changed' })],
    ['another type in the fact', bodyOf({ ...fact, type: 'aftercall.conversation.changed' })],
  ])('of %s is not for us', (_case, body) => {
    expect(readOutcomeFact(body)).toMatchObject({ outcome: 'refused', reason: 'unknown-type' });
  });

  test.each([
    ['is empty', '', 'the body is not JSON'],
    ['is not JSON', '{', 'the body is not JSON'],
    ['is null', 'null', ': type'],
    ['is a list', '[]', ': type'],
    ['has no detail-type', bodyOf(fact, { 'detail-type': undefined }), '/detail-type: required'],
    ['has no detail', bodyOf(fact, { detail: undefined }), '/detail: required'],
    ['has a fact without data', bodyOf({ ...fact, data: undefined }), '/detail/data: required'],
    ['has a fact of somebody else', bodyOf({ ...fact, source: 'genesys' }), '/detail/source: const'],
  ])('that %s is refused', (_case, body, detail) => {
    expect(readOutcomeFact(body)).toEqual({ outcome: 'refused', reason: 'bad-schema', detail });
  });

  test.each([
    ['no event id', { event_id: '' }, '/detail/data/event_id: minLength'],
    ['no agent column at all', { agent_id: undefined }, '/detail/data/agent_id: required'],
    [
      'an agent that is a number',
      { agent_id: 7 },
      '/detail/data/agent_id: type; /detail/data/agent_id: anyOf',
    ],
    ['a time that is none', { occurred_at: '2026-02-30T00:00:00Z' }, '/detail/data/occurred_at: format'],
    ['a time without a zone', { received_at: '2026-02-03T00:00:00' }, '/detail/data/received_at: format'],
    [
      'a score in words',
      { sentiment_score: 'furious' },
      '/detail/data/sentiment_score: type; /detail/data/sentiment_score: anyOf',
    ],
    [
      'a score off the scale',
      { sentiment_score: 7 },
      '/detail/data/sentiment_score: maximum; /detail/data/sentiment_score: type; /detail/data/sentiment_score: anyOf',
    ],
    [
      'a severity nobody knows',
      { max_severity: 'apocalyptic' },
      '/detail/data/max_severity: enum; /detail/data/max_severity: type; /detail/data/max_severity: anyOf',
    ],
    ['keywords that are no list', { keywords: 'a,b' }, '/detail/data/keywords: type'],
    ['a keyword that is no text', { keywords: ['a', null] }, '/detail/data/keywords/1: type'],
    ['half a violation', { violation_count: 0.5 }, '/detail/data/violation_count: type'],
    ['fewer violations than none', { violation_count: -1 }, '/detail/data/violation_count: minimum'],
    ['more violations than fit', { violation_count: 2 ** 31 }, '/detail/data/violation_count: maximum'],
    ['a truth in words', { truncated: 'yes' }, '/detail/data/truncated: type'],
  ])('with %s is refused by place and rule', (_case, changes, detail) => {
    expect(readOutcomeFact(withData(changes))).toEqual({ outcome: 'refused', reason: 'bad-schema', detail });
  });

  test.each(['1e999', '-1e999'])('with a number beyond all numbers (%s) is refused', (number) => {
    const body = bodyOf(fact).replace('"empathy_score":71.5', `"empathy_score":${number}`);
    expect(readOutcomeFact(body)).toMatchObject({ outcome: 'refused', reason: 'bad-schema' });
  });

  test('with NaN in it is no JSON', () => {
    const body = bodyOf(fact).replace('"empathy_score":71.5', '"empathy_score":NaN');
    expect(readOutcomeFact(body)).toMatchObject({ outcome: 'refused', detail: 'the body is not JSON' });
  });

  test('is refused without quoting it', () => {
    const refusal = readOutcomeFact(
      withData({ sentiment_label: ['secret-label'], agent_id: { name: 'Ada' } }),
    );
    expect(JSON.stringify(refusal)).not.toMatch(/secret|Ada/);
  });
});
