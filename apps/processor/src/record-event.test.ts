import { expect, test } from '@jest/globals';
import { FactsRefusedError } from '@aftercall/facts';
import { isUnavailable } from '@aftercall/queue';
import type { Fact } from '@aftercall/schemas';
import type { Conversation } from './merge-conversation.ts';
import { recordEvent, type RecordDeps } from './record-event.ts';
import { conversationEvent } from './sample-events.ts';

const started = conversationEvent({
  id: 's',
  time: '2026-11-20T09:00:00.000Z',
  type: 'genesys.conversation.started',
});
const updated = conversationEvent({
  id: 'u',
  time: '2026-11-20T09:01:00.000Z',
  type: 'genesys.conversation.updated',
  data: { state: 'connected' },
});

function memoryRecords(changes: Partial<RecordDeps> = {}) {
  const written: Conversation[] = [];
  const facts: Fact[] = [];
  const deps: RecordDeps = {
    readConversation: async () => ({ conversation: written.at(-1), revision: written.length }),
    writeConversation: async (conversation) => {
      written.push(conversation);
      return 'written';
    },
    publish: async (published) => void facts.push(...published),
    defaultOrg: 'main',
    sentimentScores: new Map(),
    sentimentScales: new Map(),
    rawPayload: 'dropped',
    ...changes,
  };
  return { deps, written, facts };
}

test('done again, it writes nothing and publishes the same facts', async () => {
  const { deps, written, facts } = memoryRecords();
  await recordEvent(started, deps);
  await recordEvent(started, deps);
  expect(written).toHaveLength(1);
  expect(facts[1]).toEqual(facts[0]);
});

test('when somebody else wrote in between, it merges with what they wrote', async () => {
  const { deps, written } = memoryRecords();
  let raced = false;
  const writeConversation: RecordDeps['writeConversation'] = async (conversation, revision) => {
    if (raced) return deps.writeConversation(conversation, revision);
    raced = true;
    await recordEvent(started, deps);
    return 'moved-on';
  };
  await recordEvent(updated, { ...deps, writeConversation });
  expect(written.at(-1)).toMatchObject({ startedAt: started.time, state: 'connected' });
});

test('a conversation that never holds still is given up for now, not for good', async () => {
  const { deps, facts } = memoryRecords({ writeConversation: async () => 'moved-on' });
  await expect(recordEvent(started, deps)).rejects.toThrow('kept moving on');
  expect(facts).toEqual([]);
});

test('the raw payload is kept only where a stage asks for it, and never leaves in a fact', async () => {
  const dropped = memoryRecords();
  await recordEvent(updated, dropped.deps);
  expect(dropped.written[0]).not.toHaveProperty('rawPayload');
  const stored = memoryRecords({ rawPayload: 'stored' });
  await recordEvent(updated, stored.deps);
  expect(stored.written[0]?.rawPayload).toBe(JSON.stringify(updated.data));
  expect(stored.facts[0]?.data).not.toHaveProperty('rawPayload');
});

test.each([
  ['ThrottlingException', true],
  ['InternalFailure', true],
  ['MalformedDetail', false],
])('a bus that refuses with %s is an outage, which is no attempt: %s', (code, outage) => {
  expect(isUnavailable(new FactsRefusedError(code))).toBe(outage);
});
