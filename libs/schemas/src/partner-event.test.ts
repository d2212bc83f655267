import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ageFault } from './age-fault.ts';
import { fixture } from './fixture-deliveries.ts';
import { cutEvent, makeEvent } from './make-event.ts';
import { adaptPartnerEvent, type AdaptedPartnerEvent, readPartnerEvent } from './partner-event.ts';

const TIME = '2026-11-20T14:03:30Z';
const CONVERSATION = '47eaa099-2cb6-416d-86dc-283cf0480ff9';
const origin = {
  source: { key: 'genesys', org: 'main' },
  deliveryId: 'd1',
  receivedTime: new Date('2026-11-20T14:03:31.000Z'),
  traceparent: undefined,
};

const fixtureEvent = (name: string): unknown =>
  JSON.parse(Buffer.from(fixture(`partner-events/${name}.json`)).toString());
const partnerEvent = (topic: string, eventBody: object, detail: object = {}) => ({
  version: '0',
  id: 'e1',
  'detail-type': topic,
  source: 'aws.partner/genesys.com/cloud/org/suffix',
  time: TIME,
  detail: { timestamp: '2026-11-20T14:03:29Z', ...detail, eventBody: { conversationId: 'c1', ...eventBody } },
});

function adapted(value: unknown): AdaptedPartnerEvent {
  const read = readPartnerEvent(value);
  return read.outcome === 'read' ? adaptPartnerEvent(read.event) : read;
}
const detailEvent = (name: string, eventBody: object, detail?: object) =>
  adapted(partnerEvent(`v2.detail.events.conversation.{id}.${name}`, eventBody, detail));
const analyticsEvent = (name: string, eventBody: object) =>
  adapted(partnerEvent(`v2.speechandtextanalytics.conversation.{id}.${name}`, eventBody));

describe('a recorded event', () => {
  test.each([
    [
      'customer-end',
      'genesys.conversation.ended',
      { timestamp: '2026-11-20T14:03:27.418Z', mediaType: 'voice', direction: 'inbound' },
    ],
    [
      'blueprint-conversation-start-event',
      'genesys.conversation.started',
      { timestamp: '2022-04-06T09:30:44.949Z', mediaType: 'chat', externalContactId: 'uwu' },
    ],
    [
      'blueprint-conversation-end-event',
      'genesys.conversation.ended',
      { externalContactId: '12456349-b5c7-4d8f-9eb4-f4df18bce9a9' },
    ],
    [
      'sentiment',
      'genesys.analytics.sentiment',
      {
        queueId: '33c6a5a5-b2b1-40da-8f65-92a5a30abf65',
        sentiment: { score: -0.42, trend: 0.1, unit: 'genesys-event' },
        timestamp: '2026-11-20T14:03:30.512Z',
      },
    ],
    [
      'topics',
      'genesys.analytics.topics',
      {
        communicationId: 'f5ec52ed-0108-4475-92e1-bc7656670b14',
        agentId: '1509bb0a-9bf1-4331-8a11-8783593942a4',
        queueId: 'd26d4b5a-c542-4767-83f7-fbb2c1465919',
        mediaType: 'voice',
        topics: ['Refund'],
        transcript: { available: true },
      },
    ],
    [
      'categories',
      'genesys.analytics.categories',
      { categories: ['305a34ba-d517-44d0-bbbd-ae4687b112e8', '42569925-f61e-46e9-aa22-64acc8daa038'] },
    ],
    [
      'transcription-session-ended',
      'genesys.transcript.ready',
      { communicationId: 'f5ec52ed-0108-4475-92e1-bc7656670b14', timestamp: TIME },
    ],
  ])('%s becomes %s', (name, type, data) => {
    expect(adapted(fixtureEvent(name))).toMatchObject({ outcome: 'event', type, data });
  });

  test('is known by EventBridge’s own id, in its conversation', () => {
    const event = adapted(fixtureEvent('customer-end'));
    if (event.outcome !== 'event') throw new Error(event.outcome);
    expect(makeEvent(event, 'f3d6415b', origin).envelope).toMatchObject({
      id: `f3d6415b#${CONVERSATION}/-`,
      source: 'genesys/genesys',
      org: 'main',
      subject: CONVERSATION,
      time: '2026-11-20T14:03:27.418Z',
      receivedtime: '2026-11-20T14:03:31.000Z',
    });
  });
});

describe('a detail event', () => {
  test.each(['acd.start', 'acd.end', 'user.start', 'flow.outcome', 'acw', 'attributes'])(
    '%s is an update, and the conversation’s state',
    (name) => {
      expect(detailEvent(name, { userId: 'a1' })).toMatchObject({
        type: 'genesys.conversation.updated',
        data: { state: name, agentIds: ['a1'] },
      });
    },
  );

  test('leaves behind what may be personal', () => {
    const event = detailEvent('wrapup', {
      wrapupNotes: 'has a rash',
      participantAttributes: { card: '4111' },
      ani: 'tel:+4420',
      participantName: 'Ann',
    });
    expect(event).toMatchObject({ outcome: 'event', data: { state: 'wrapup' } });
    expect(JSON.stringify(event)).not.toMatch(/rash|4111|4420|Ann/);
  });

  test.each([
    ['milliseconds', { eventTime: 1795183407418 }, '2026-11-20T14:03:27.418Z'],
    ['a date', { eventTime: '2026-11-20T14:03:27.418Z' }, '2026-11-20T14:03:27.418Z'],
    ['nothing: then the time it was told at counts', { eventTime: null }, '2026-11-20T14:03:29Z'],
  ])('writes its time as %s', (_case, body, timestamp) => {
    expect(detailEvent('acw', body)).toMatchObject({ data: { timestamp } });
  });

  test('without any time of its own happened when EventBridge says', () => {
    expect(detailEvent('acw', {}, { timestamp: undefined })).toMatchObject({ data: { timestamp: TIME } });
  });

  test('may be of a topic that has the id filled in, and have null for what it does not know', () => {
    const topic = `v2.detail.events.conversation.${CONVERSATION}.user.end`;
    const nothing = { mediaType: null, direction: null, userId: null, externalContactId: null };
    expect(adapted(partnerEvent(topic, nothing))).toMatchObject({ data: { state: 'user.end' } });
  });

  test('may have a field of any other name', () => {
    expect(detailEvent('flow.outcome', { outcome: 'refused' })).toMatchObject({ outcome: 'event' });
  });
});

describe('speech analytics', () => {
  test('empathy is one agent’s, or the mean of several', () => {
    const agent = (agentId: string, overallEmpathyScore: number | null) => ({ agentId, overallEmpathyScore });
    const one = analyticsEvent('empathy', { agents: [agent('a1', 31.5), agent('a2', null)] });
    expect(one).toMatchObject({
      type: 'genesys.analytics.empathy',
      data: { empathyScore: 31.5, agentId: 'a1' },
    });
    const two = analyticsEvent('empathy', { agents: [agent('a1', 30), agent('a2', 50)] });
    expect(two).toMatchObject({ data: { empathyScore: 40 } });
    expect(two).not.toMatchObject({ data: { agentId: expect.anything() } });
  });

  test('of several agents, queues or equal topics there is no one agent, no one queue, one topic', () => {
    const participants = ['a1', 'a2'].map((id) => ({ purpose: 'AGENT', userId: id, queueId: `q-${id}` }));
    const topics = [{ topicName: 'Refund' }, { topicName: 'Refund' }, { topicId: 't2', topicName: null }];
    const event = analyticsEvent('topics', { topics, participants });
    if (event.outcome !== 'event') throw new Error(event.outcome);
    expect(JSON.parse(JSON.stringify(event.data))).toEqual({
      conversationId: 'c1',
      timestamp: '2026-11-20T14:03:29Z',
      topics: ['Refund', 't2'],
    });
  });

  test('is heard under both spellings of its topics', () => {
    for (const plural of ['', 's']) {
      const topic = `v2.speechandtextanalytics.conversation${plural}.{id}.categories`;
      expect(adapted(partnerEvent(topic, { categoryIds: [] }))).toMatchObject({ outcome: 'event' });
    }
  });
});

test.each([
  [
    'a transcript that goes on',
    'v2.conversations.{id}.transcription',
    { status: { status: 'SESSION_ONGOING' } },
    'session-ongoing',
  ],
  ['words of a transcript', 'v2.conversations.{id}.transcription', { transcripts: [] }, 'session-ongoing'],
  ['another detail', 'v2.detail.events.conversation.{id}.voicemail.start', {}, 'unknown-topic'],
  ['another analysis', 'v2.speechandtextanalytics.conversation.{id}.mood', {}, 'unknown-topic'],
  ['another topic', 'v2.users.{id}.presence', {}, 'unknown-topic'],
  ['a topic that only begins like ours', 'v2.conversations.{id}.transcription.x', {}, 'unknown-topic'],
  [
    'no score',
    'v2.speechandtextanalytics.conversation.{id}.sentiment',
    { sentimentOverallScore: null },
    'nothing-said',
  ],
  [
    'no score of any agent',
    'v2.speechandtextanalytics.conversation.{id}.empathy',
    { agents: [] },
    'nothing-said',
  ],
])('%s is skipped, and why is known', (_case, topic, body, reason) => {
  expect(adapted(partnerEvent(topic, body))).toEqual({ outcome: 'skipped', reason });
});

test('the end of a transcript is heard in any case', () => {
  const status = { status: 'session_Ended' };
  expect(adapted(partnerEvent('v2.conversations.{id}.transcription', { status }))).toMatchObject({
    type: 'genesys.transcript.ready',
  });
});

describe('a broken event is refused with a pointer to the fault and no value for', () => {
  const detail = 'v2.detail.events.conversation.{id}.acw';
  const sentiment = 'v2.speechandtextanalytics.conversation.{id}.sentiment';
  const faults: [string, unknown, string][] = [
    ['no object', 'secret', ''],
    ['no detail', { ...partnerEvent(detail, {}), detail: undefined }, ''],
    ['no body', { ...partnerEvent(detail, {}), detail: { eventBody: null } }, '/detail/eventBody'],
    ['an id that is none', { ...partnerEvent(detail, {}), id: '' }, '/id'],
    ['no conversation', partnerEvent(detail, { conversationId: undefined }), '/detail/eventBody'],
    [
      'a conversation of 129 characters',
      partnerEvent(detail, { conversationId: 'c'.repeat(129) }),
      '/detail/eventBody/conversationId',
    ],
    ['a time before 1970', partnerEvent(detail, { eventTime: -1 }), '/detail/eventBody/eventTime'],
    ['a time no date reaches', partnerEvent(detail, { eventTime: 1e300 }), '/detail/eventBody/eventTime'],
    ['a time in words', partnerEvent(detail, { eventTime: 'secret' }), '/detail/eventBody/eventTime'],
    ['no sentiment', partnerEvent(sentiment, {}), '/detail/eventBody'],
    [
      'sentiment in words',
      partnerEvent(sentiment, { sentimentOverallScore: 'secret' }),
      '/detail/eventBody/sentimentOverallScore',
    ],
  ];
  test.each(faults)('%s', (_case, value, pointer) => {
    const event = adapted(value);
    if (event.outcome !== 'refused') throw new Error(event.outcome);
    expect(event.errors[0]?.pointer).toBe(pointer);
    expect(JSON.stringify(event)).not.toContain('secret');
  });
});

test('whatever stands in an event, it is answered, never thrown at', () => {
  const topic = fc.constantFrom(
    ...['customer.end', 'user.start'].map((name) => `v2.detail.events.conversation.{id}.${name}`),
    ...['sentiment', 'topics', 'empathy', 'categories'].map(
      (name) => `v2.speechandtextanalytics.conversation.{id}.${name}`,
    ),
    'v2.conversations.{id}.transcription',
  );
  const body = fc.dictionary(
    fc.constantFrom('eventTime', 'topics', 'agents', 'categoryIds', 'sentimentOverallScore', 'status'),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(topic, body, (name, eventBody) => {
      const event = adapted(partnerEvent(name, eventBody));
      if (event.outcome !== 'event') return;
      if (ageFault(event.data.timestamp, origin.receivedTime, 86_400) === undefined) {
        makeEvent(event, 'e1', origin);
      }
    }),
  );
});

test('an event with more topics than a message takes is cut and says so', () => {
  const topics = Array.from({ length: 20_000 }, (_, n) => ({ topicName: `topic number ${n}` }));
  const event = analyticsEvent('topics', { topics });
  if (event.outcome !== 'event') throw new Error(event.outcome);
  const made = makeEvent(event, 'e1', origin);
  const cut = cutEvent(made);
  expect(cut?.envelope).toMatchObject({ id: made.envelope.id, digest: made.envelope.digest });
  expect(cut?.envelope.data).toMatchObject({ truncated: true });
  expect(cutEvent(cut!)).toBeUndefined();
});
