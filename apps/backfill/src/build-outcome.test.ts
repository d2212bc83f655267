import { expect, test } from '@jest/globals';
import { envelopeBody, readEnvelope } from '@aftercall/schemas';
import type { Conversation } from '@aftercall/genesys';
import { buildOutcome } from './build-outcome.ts';
import { someConversation, someMetrics, SOURCE } from './memory-stage.ts';

const origin = { source: SOURCE, request: 'r-1', now: new Date('2026-11-22T00:00:00Z') };
const endedAt = new Date('2026-11-20T00:01:00Z');
const build = (change: Partial<Conversation> = {}, metrics: object = {}) =>
  buildOutcome({ ...someConversation(0, change), endedAt }, { ...someMetrics('c-0'), ...metrics }, origin);

test('says what analytics and speech analytics know', () => {
  const { envelope, dataText } = build();
  expect(envelope).toMatchObject({
    type: 'genesys.analytics.outcome',
    source: 'genesys/backfill',
    org: 'main',
    subject: 'c-0',
    time: '2026-11-20T00:01:00.000Z',
    receivedtime: '2026-11-22T00:00:00.000Z',
    deliveryid: 'backfill/r-1',
  });
  expect(JSON.parse(dataText)).toEqual({
    conversationId: 'c-0',
    agentId: 'agent-0',
    queueId: 'q-2',
    mediaType: 'voice',
    direction: 'inbound',
    timestamp: '2026-11-20T00:01:00.000Z',
    sentiment: { score: 0.25, trend: -0.05, unit: 'genesys-api' },
    empathyScore: 42,
    transcript: { available: true, communicationId: 's-0' },
  });
  expect(readEnvelope(envelopeBody(envelope, dataText)).outcome).toBe('event');
});

test('two agents are none, and two recordings have no one communication', () => {
  const [customer, agent] = someConversation(0).participants;
  const [, other] = someConversation(1).participants;
  const participants = [customer!, agent!, other!];
  const scores = {
    empathyScores: [
      { userId: 'a', score: 1 },
      { userId: 'b', score: 2 },
    ],
  };
  const data: unknown = JSON.parse(build({ participants }, scores).dataText);
  expect(data).not.toHaveProperty('agentId');
  expect(data).not.toHaveProperty('empathyScore');
  expect(data).toMatchObject({ transcript: { available: true } });
  expect(data).not.toHaveProperty('transcript.communicationId');
});

test('without an agent, a recording or a score there is no word of them', () => {
  const [first] = someConversation(0).participants;
  const customer = { ...first!, userId: 'who has an account too' };
  const nothing = { sentimentScore: undefined, sentimentTrend: undefined, empathyScores: [] };
  const data: unknown = JSON.parse(build({ participants: [customer] }, nothing).dataText);
  expect(data).toEqual({
    conversationId: 'c-0',
    mediaType: 'voice',
    direction: 'inbound',
    timestamp: '2026-11-20T00:01:00.000Z',
  });
});

test('the same answer is the same event at any time, another answer another', () => {
  const first = build().envelope;
  const later = buildOutcome({ ...someConversation(0), endedAt }, someMetrics('c-0'), {
    ...origin,
    request: 'r-2',
    now: new Date('2026-11-25T00:00:00Z'),
  }).envelope;
  const other = build({}, { sentimentScore: 0.5 }).envelope;
  expect([later.id, later.digest]).toEqual([first.id, first.digest]);
  expect(other.id).not.toBe(first.id);
});
