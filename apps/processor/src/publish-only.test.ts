import type { Fact } from '@aftercall/schemas';
import { expect, test } from '@jest/globals';
import { publishOnly } from './publish-only.ts';
import { recordEvent } from './record-event.ts';
import { conversationEvent, outcomeEvent } from './sample-events.ts';

const said = { id: 'e', time: '2026-11-20T09:00:00.000Z' };

/** The types that are published of an event, call by call, when these are heard. */
async function published(types: readonly Fact['type'][], event: Parameters<typeof recordEvent>[0]) {
  const calls: string[][] = [];
  await recordEvent(event, {
    readConversation: async () => ({ conversation: undefined, revision: 0 }),
    writeConversation: async () => 'written',
    publish: publishOnly(new Set(types), async (facts) => void calls.push(facts.map(({ type }) => type))),
    defaultOrg: 'main',
    sentimentScores: new Map(),
    sentimentScales: new Map(),
    rawPayload: 'dropped',
  });
  return calls;
}

test('what nobody hears is not told', async () => {
  const outcome = outcomeEvent({ ...said, type: 'genesys.analytics.outcome' });
  const recorded = 'aftercall.outcome.recorded';
  expect(await published([recorded], outcome)).toEqual([[recorded]]);
  const both = ['aftercall.conversation.changed', recorded] as const;
  expect(await published(both, outcome)).toEqual([both]);
});

test('for nothing to tell the bus is not called, so that no circuit takes it for healthy', async () => {
  const started = conversationEvent({ ...said, type: 'genesys.conversation.started' });
  expect(await published(['aftercall.outcome.recorded'], started)).toEqual([]);
});
