import { describe, expect, test } from '@jest/globals';
import type { Effects, ExpectedEffects, NamedEvent } from './expect-effects.ts';
import { judgeEffects } from './judge-effects.ts';
import type { LedgerRow, ObservedEffects, ObservedFact, Verdict } from './judge-effects.ts';

const CHANGED = 'aftercall.conversation.changed';
const RECORDED = 'aftercall.outcome.recorded';

/** `main` accepted an outcome `e1` and a step `e2` of conversation c1, and an outcome of c2 that declares no id. */
const OUTCOME: NamedEvent = { org: 'main', eventId: 'e1#c1/m1', isOutcome: true };
const STEP: NamedEvent = { org: 'main', eventId: 'e2#c1/-', isOutcome: false };
const EFFECTS: Effects = {
  named: new Map([
    ['main/e1#c1/m1', OUTCOME],
    ['main/e2#c1/-', STEP],
  ]),
  unnamed: new Map([['main/c2', { events: 1, outcomes: 1 }]]),
};
const EXPECTED: ExpectedEffects = {
  promised: EFFECTS,
  possible: EFFECTS,
  conversations: new Map([
    ['main/c1', { conversationId: 'c1', status: 'ended' }],
    ['main/c2', { conversationId: 'c2' }],
  ]),
  quarantined: new Set(['b1']),
};

const row = (eventId: string, more: Partial<LedgerRow> = {}): LedgerRow => ({
  ...{ org: 'main', eventId, isCompleted: true, attempts: 1 },
  ...more,
});
const fact = (
  eventId: string,
  type: string,
  conversationId: string,
  more: Partial<ObservedFact> = {},
): ObservedFact => ({
  ...{ id: `main/${eventId}/${type}`, org: 'main', type, conversationId, publications: 1 },
  ...more,
});

const LEDGER = [row('e1#c1/m1'), row('e2#c1/-'), row('5ha#c2/-')];
const FACTS = [
  fact('e1#c1/m1', CHANGED, 'c1'),
  fact('e1#c1/m1', RECORDED, 'c1'),
  fact('e2#c1/-', CHANGED, 'c1'),
  fact('5ha#c2/-', CHANGED, 'c2'),
  fact('5ha#c2/-', RECORDED, 'c2'),
];
const OBSERVED: ObservedEffects = {
  ledger: LEDGER,
  facts: FACTS,
  conversations: new Map([
    ['main/c1', 'ended'],
    ['main/c2', 'active'],
  ]),
  quarantined: new Set(['b1']),
  deadLetters: 0,
  runs: new Map(),
};
const KEPT: Verdict = {
  ...{ lost: [], doubled: [], unasked: [], wrongConversations: [], notQuarantined: [] },
};

const judged = (found: Partial<ObservedEffects>, expected: Partial<ExpectedEffects> = {}): Verdict =>
  judgeEffects({ ...EXPECTED, ...expected }, { ...OBSERVED, ...found });
const without = <T>(list: readonly T[], index: number): T[] => list.filter((_item, at) => at !== index);
const change = <T>(list: readonly T[], index: number, more: Partial<T>): T[] =>
  list.map((item, at) => (at === index ? { ...item, ...more } : item));

test('a run in which everything is there once breaks no promise', () => {
  expect(judged({})).toEqual(KEPT);
});

describe('lost', () => {
  test.each([
    ['an event without a ledger row', { ledger: without(LEDGER, 0) }, ['main/e1#c1/m1']],
    [
      'an event whose row was never completed',
      { ledger: change(LEDGER, 1, { isCompleted: false }) },
      ['main/e2#c1/-'],
    ],
    ['an event without its fact', { facts: without(FACTS, 2) }, ['main/e2#c1/-']],
    ['an outcome of which only the conversation tells', { facts: without(FACTS, 1) }, ['main/e1#c1/m1']],
    [
      'an event without a declared id that left no row in its conversation',
      { ledger: without(LEDGER, 2) },
      ['main/c2 (declares no id)'],
    ],
    [
      'an outcome without a declared id that was not recorded',
      { facts: without(FACTS, 4) },
      ['main/c2 (declares no id)'],
    ],
    [
      'an event of which another organisation has the row',
      { ledger: change(LEDGER, 1, { org: 'relay' }) },
      ['main/e2#c1/-'],
    ],
  ])('is %s', (_case, found, lost) => {
    expect(judged(found).lost).toEqual(lost);
  });

  test('counts every missing event of a conversation', () => {
    const unnamed = new Map([['main/c2', { events: 4, outcomes: 1 }]]);
    const promised = { ...EFFECTS, unnamed };
    expect(judged({}, { promised, possible: promised }).lost).toHaveLength(3);
  });

  test('is not an event that was never acknowledged', () => {
    const promised = { ...EFFECTS, named: new Map([['main/e1#c1/m1', OUTCOME]]) };
    expect(judged({ ledger: without(LEDGER, 1), facts: without(FACTS, 2) }, { promised })).toEqual(KEPT);
  });
});

describe('doubled', () => {
  test.each([
    [
      'a second row in a conversation that has no event for it',
      { ledger: [...LEDGER, row('e1#c1/m1~ab')] },
      ['main/e1#c1/m1~ab'],
    ],
    [
      'a fact under a second event id',
      { facts: [...FACTS, fact('e9#c1/m1', CHANGED, 'c1')] },
      ['main/e9#c1/m1'],
    ],
    [
      'a fact under an id that is not made from its event',
      { facts: [...FACTS, fact('e1#c1/m1', CHANGED, 'c1', { id: 'random' })] },
      ['main/random'],
    ],
    [
      'a second effect of an event that declares no id',
      { ledger: [...LEDGER, row('07h#c2/-')] },
      ['main/07h#c2/-'],
    ],
    [
      'a fact that was published oftener than the ledger gave the event away',
      { facts: change(FACTS, 1, { publications: 2 }) },
      ['main/e1#c1/m1'],
    ],
    [
      'a fact published twice of which the ledger knows nothing',
      { facts: change(FACTS, 2, { publications: 2 }), ledger: without(LEDGER, 1) },
      ['main/e2#c1/-'],
    ],
  ])('is %s', (_case, found, doubled) => {
    expect(judged(found).doubled).toEqual(doubled);
  });

  test('is not an event that the ledger gave away a second time after a crash', () => {
    const facts = change(FACTS, 2, { publications: 2 });
    expect(judged({ facts, ledger: change(LEDGER, 1, { attempts: 2 }) })).toEqual(KEPT);
  });

  test('is not a fact that one run published again, because the bus was slow to answer', () => {
    const facts = change(FACTS, 1, { publications: 2 });
    expect(judged({ facts, runs: new Map([['main/e1#c1/m1', 1]]) })).toEqual(KEPT);
    expect(judged({ facts, runs: new Map([['main/e1#c1/m1', 2]]) }).doubled).toEqual(['main/e1#c1/m1']);
  });

  test('names an event once, whatever is wrong with it', () => {
    const facts = [...FACTS, fact('e9#c1/-', CHANGED, 'c1', { publications: 3 })];
    expect(judged({ facts, ledger: [...LEDGER, row('e9#c1/-')] }).doubled).toEqual(['main/e9#c1/-']);
  });
});

test('an effect in a conversation that no genuine delivery named is unasked', () => {
  const ledger = [...LEDGER, row('e1#c9/-')];
  expect(judged({ ledger })).toEqual({ ...KEPT, unasked: ['main/e1#c9/-'] });
});

test('an effect of a delivery whose sender gave up is neither doubled nor unasked', () => {
  const eventId = 'e3#c3/-';
  const named = new Map([...EFFECTS.named, [`main/${eventId}`, { ...STEP, eventId }]]);
  const found = { ledger: [...LEDGER, row(eventId)], facts: [...FACTS, fact(eventId, CHANGED, 'c3')] };
  expect(judged(found, { possible: { ...EFFECTS, named } })).toEqual(KEPT);
});

test('a conversation must be there, and have ended when its end was acknowledged', () => {
  const conversations = new Map([['main/c1', 'active']]);
  expect(judged({ conversations }).wrongConversations).toEqual(['main/c1', 'main/c2']);
});

test('what was refused for its content must have its copy in quarantine', () => {
  expect(judged({ quarantined: new Set(['b2']) }).notQuarantined).toEqual(['b1']);
});
