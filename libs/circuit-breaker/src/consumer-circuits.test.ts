import { expect, test } from '@jest/globals';
import { HeldError, isUnavailable, type QueueMessage } from '@aftercall/queue';
import { type Fact, validateCircuitChanged } from '@aftercall/schemas';
import { createConsumerCircuits, memoryCircuitsStore } from './index.ts';

const NOW = new Date('2026-11-20T14:00:00Z');
const outage = Object.assign(new Error('busy'), { name: 'ThrottlingException' });
const message: QueueMessage = {
  messageId: 'm-1',
  body: '{}',
  groupId: undefined,
  seal: undefined,
  attributes: {},
  sentAt: NOW,
  receiveCount: 1,
  receiptHandle: 'r-1',
};
const held = new HeldError('events', { since: NOW, atMostSeconds: 1 });

function setUp() {
  const clock = { millis: NOW.getTime() };
  const facts: Fact[] = [];
  const counts: [string, number, object][] = [];
  const warnings: string[] = [];
  const faults = { bus: false, archive: false };
  const circuits = createConsumerCircuits({
    function: 'processor',
    store: memoryCircuitsStore(),
    maxHeldSeconds: 7_200,
    isUnavailable,
    archive: async () => {
      if (faults.archive) throw outage;
    },
    publish: async (published) => {
      if (faults.bus) throw outage;
      facts.push(...published);
    },
    metrics: { count: (...count) => void counts.push(count) },
    log: { warn: (_fields, text) => void warnings.push(text) },
    now: () => new Date(clock.millis),
    random: () => 0,
  });
  const bus = { isDown: true };
  const call = circuits.watch('events', async () => {
    if (bus.isDown) throw outage;
  });
  const breakIt = async () => {
    for (let failure = 0; failure < 5; failure += 1) await expect(call()).rejects.toBe(outage);
  };
  const heal = async () => {
    bus.isDown = false;
    clock.millis += 5_000;
    await circuits.through(['events'], call);
  };
  return { circuits, facts, counts, warnings, faults, breakIt, heal };
}

test('the bus hears of an opening and a closing, with what was held and archived between them', async () => {
  const { circuits, facts, counts, breakIt, heal } = setUp();
  await breakIt();
  circuits.holding.onHeld(held, 3);
  await circuits.holding.archive(message, held);
  await heal();
  expect(facts).toMatchObject([
    { type: 'aftercall.circuit.opened', subject: 'events', data: { failureRate: 1, held: 0, archived: 0 } },
    { type: 'aftercall.circuit.closed', data: { downstream: 'events', held: 3, archived: 1 } },
  ]);
  for (const { data } of facts) expect(validateCircuitChanged(data)).toBe(true);
  const events = { Downstream: 'events' };
  expect(counts).toEqual([
    ['CircuitState', 1, events],
    ['Held', 3, events],
    ['Archived', 1, events],
    ['CircuitState', 0, events],
  ]);
});

test('a bus that is down does not hear of it, and nobody fails for that', async () => {
  const { faults, breakIt, warnings, facts } = setUp();
  faults.bus = true;
  await breakIt();
  await new Promise(setImmediate);
  expect(facts).toEqual([]);
  expect(warnings).toEqual(['circuit', 'the bus does not hear of the circuit']);
});

test('what the archive did not take is not counted as archived', async () => {
  const { circuits, counts, faults } = setUp();
  faults.archive = true;
  await expect(circuits.holding.archive(message, held)).rejects.toBe(outage);
  expect(counts).toEqual([]);
});
