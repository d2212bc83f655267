import { describe, expect, test } from '@jest/globals';
import {
  ANALYTICS_TYPES,
  type AnalyticsOutcome,
  type AnalyticsType,
  CONVERSATION_TYPES,
  type EventEnvelope,
  isOutcome,
} from '@aftercall/schemas';
import fc from 'fast-check';
import { type Conversation, isLate, mergeConversation } from './merge-conversation.ts';
import { normalizeOutcome } from './normalize-outcome.ts';
import { conversationEvent, outcomeEvent, transcriptReadyEvent } from './sample-events.ts';

const meaning = {
  sentimentScores: new Map([['negative', -1]]),
  sentimentScales: new Map([['genesys-event', 1]]),
};

const observe = (envelope: EventEnvelope) => ({
  key: 'c1',
  envelope,
  outcome: isOutcome(envelope) ? normalizeOutcome(envelope, meaning) : undefined,
  rawPayload: undefined,
});
const merge = (events: readonly EventEnvelope[]): Conversation | undefined =>
  events.reduce<Conversation | undefined>(
    (known, event) => mergeConversation(known, observe(event)),
    undefined,
  );

const time = (second: number): string => new Date(Date.UTC(2026, 10, 20, 9, 0, second)).toISOString();
const started = conversationEvent({
  id: 's',
  time: time(0),
  type: 'genesys.conversation.started',
  data: { state: 'alerting', mediaType: 'voice', direction: 'inbound' },
});
const updated = conversationEvent({
  id: 'u',
  time: time(10),
  type: 'genesys.conversation.updated',
  data: { state: 'connected', agentIds: ['a1'] },
});
const ended = conversationEvent({
  id: 'e',
  time: time(20),
  type: 'genesys.conversation.ended',
  data: { state: 'disconnected' },
});
const outcome = outcomeEvent({
  id: 'o',
  time: time(30),
  data: { agentId: 'a2', sentiment: { overall: 'negative' }, complianceViolations: [{ code: 'X' }] },
});

test('a conversation comes together from its events', () => {
  expect(merge([started, updated, ended, outcome])).toMatchObject({
    conversationId: 'c1',
    status: 'ended',
    state: 'disconnected',
    mediaType: 'voice',
    direction: 'inbound',
    agentIds: ['a1', 'a2'],
    startedAt: time(0),
    endedAt: time(20),
    updatedAt: time(30),
    sentimentScore: -1,
    violationCount: 1,
    lastEventId: 'o',
  });
});

describe('ended is final', () => {
  const after = conversationEvent({
    id: 'u2',
    time: time(25),
    type: 'genesys.conversation.updated',
    data: { state: 'connected' },
  });

  test('an update that comes late, or from later, does not open it again', () => {
    expect(merge([started, ended, updated])).toMatchObject({
      status: 'ended',
      state: 'disconnected',
      endedAt: time(20),
    });
    expect(merge([started, ended, after])).toMatchObject({
      status: 'ended',
      state: 'disconnected',
      endedAt: time(20),
    });
  });

  test('but it is said to be late', () => {
    const conversation = merge([started, ended, updated, after])!;
    expect([started, updated, ended, after].map((event) => isLate(conversation, event))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(isLate(merge([started, updated])!, updated)).toBe(false);
    expect(isLate(merge([started, updated, ended])!, ended)).toBe(false);
  });
});

test('the earliest start is the start, and an unknown sentiment does not wipe out a known one', () => {
  const earlier = conversationEvent({ id: 's2', time: time(-5), type: 'genesys.conversation.started' });
  const unsure = outcomeEvent({ id: 'o2', time: time(40), data: { sentiment: { overall: 'furious' } } });
  expect(merge([started, earlier, outcome, unsure])).toMatchObject({
    startedAt: time(-5),
    sentimentScore: -1,
    violationCount: 1,
  });
});

describe('an outcome in parts', () => {
  const part = (type: AnalyticsType, second: number, data: Partial<AnalyticsOutcome>) =>
    outcomeEvent({ id: type, time: time(second), type, data });
  const sentiment = part('genesys.analytics.sentiment', 31, {
    sentiment: { score: -0.42, unit: 'genesys-event' },
  });
  const later = [
    part('genesys.analytics.topics', 32, { topics: ['Refund'], agentId: 'a3' }),
    part('genesys.analytics.empathy', 33, { empathyScore: 31.5 }),
    part('genesys.analytics.categories', 34, { categories: ['payment'] }),
    transcriptReadyEvent({ id: 't', time: time(35), data: { communicationId: 'k1' } }),
  ];

  test('does not lose what another part said', () => {
    const whole = merge([started, outcome, sentiment, ...later]);
    expect(whole).toMatchObject({
      sentimentScore: -0.42,
      violationCount: 1,
      agentIds: ['a2', 'a3'],
      lastEventId: 't',
      updatedAt: time(35),
    });
    expect(merge([...later, sentiment, outcome, started])).toEqual(whole);
  });

  test('does not open a conversation that is over, and is not late for it', () => {
    const conversation = merge([started, ended, sentiment])!;
    expect(conversation).toMatchObject({ status: 'ended', endedAt: time(20) });
    expect(isLate(conversation, sentiment)).toBe(false);
  });
});

test('of more than a hundred agents the hundred seen first are listed', () => {
  const events = Array.from({ length: 150 }, (_, index) =>
    conversationEvent({
      id: `u${index}`,
      time: time(150 - index),
      type: 'genesys.conversation.updated',
      data: { agentIds: [`a${index}`] },
    }),
  );
  const agents = merge(events)?.agentIds ?? [];
  expect(agents).toHaveLength(100);
  expect([agents[0], agents[99]]).toEqual(['a149', 'a50']);
});

const anyTime = fc.integer({ min: 0, max: 5 }).map(time);
const anyId = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
const anyText = fc.option(fc.constantFrom('x', 'y', 'z'), { nil: undefined });
const agents = Array.from({ length: 120 }, (_, index) => `agent-${index}`);
const anyConversationEvent = fc.record({
  id: anyId,
  time: anyTime,
  type: fc.constantFrom(...CONVERSATION_TYPES),
  data: fc.record({ state: anyText, mediaType: anyText, direction: anyText, agentIds: fc.subarray(agents) }),
});
const anyOutcome = fc.record({
  id: anyId,
  time: anyTime,
  type: fc.constantFrom(...ANALYTICS_TYPES),
  data: fc.record({
    agentId: fc.option(fc.constantFrom(...agents), { nil: undefined }),
    sentiment: fc.record({ overall: fc.constantFrom('negative', 'furious') }),
    complianceViolations: fc.constantFrom(undefined, [], [{ code: 'X' }]),
  }),
});
const anyTranscript = fc.record({ id: anyId, time: anyTime });
/** Ids are unique: two events under one id with other data never get past the ledger. */
const anyHistory = fc.uniqueArray(
  fc.oneof(
    anyConversationEvent.map(conversationEvent),
    anyOutcome.map(outcomeEvent),
    anyTranscript.map(transcriptReadyEvent),
  ),
  {
    selector: ({ id }) => id,
    minLength: 1,
  },
);

test('any order and any repetition of a history end in the same conversation', () => {
  const shuffledWithRepeats = anyHistory.chain((history) =>
    fc.tuple(
      fc.constant(history),
      fc
        .array(fc.constantFrom(...history))
        .chain((repeats) =>
          fc.shuffledSubarray([...history, ...repeats], { minLength: history.length + repeats.length }),
        ),
    ),
  );
  fc.assert(
    fc.property(shuffledWithRepeats, ([history, shuffled]) => {
      expect(merge(shuffled)).toEqual(merge(history));
    }),
    { numRuns: 1_000 },
  );
});
