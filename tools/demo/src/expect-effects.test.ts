import type { Answer, Expectation, PlannedDelivery } from '@aftercall/genesys-simulator';
import { expect, test } from '@jest/globals';
import { countEvents, expectEffects } from './expect-effects.ts';

const SOURCE = { key: 'main', scheme: 'genesys-webhook', url: 'http://127.0.0.1:9', secret: 's' } as const;
const NOTHING: Expectation = {
  ...{ expect: 'accepted', status: 200, org: 'main', eventIds: [], conversations: [], events: 0 },
  ...{ refusedItems: 0, reason: 'analytics' },
};

function answer(status: number | undefined, expectation: Partial<Expectation>, payload: unknown): Answer {
  const delivery: PlannedDelivery = {
    ...{ index: 0, kind: 'analytics', source: SOURCE, url: SOURCE.url, deliveryId: 'd' },
    ...{ contentType: 'application/json', signature: 'genuine' },
    body: new TextEncoder().encode(JSON.stringify(payload)),
    expectation: { ...NOTHING, ...expectation },
  };
  const attempts = [{ outcome: status ?? ('timeout' as const), durationMillis: 1 }];
  return { delivery, attempts, ...(status !== undefined && { status }), body: '', asExpected: true };
}

const NAMED = { eventIds: ['e1#c1/-'], events: 1, conversations: [{ conversationId: 'c1' }] };
const UNNAMED = { events: 1, conversations: [{ conversationId: 'c2' }] };

test('an event that several deliveries name is one event', () => {
  const { promised } = expectEffects([answer(200, NAMED, { data: 1 }), answer(200, NAMED, { data: 2 })]);
  expect(countEvents(promised)).toBe(1);
  expect(promised.named.get('main/e1#c1/-')).toMatchObject({ isOutcome: true });
});

test('the same id from another organisation is another event', () => {
  const elsewhere = answer(200, { ...NAMED, org: 'relay' }, {});
  expect(countEvents(expectEffects([answer(200, NAMED, {}), elsewhere]).promised)).toBe(2);
});

test('without a declared id the same bytes are one event, and other bytes another', () => {
  const sent = [{ n: 1 }, { n: 1 }, { n: 2 }].map((payload) => answer(200, UNNAMED, payload));
  expect(expectEffects(sent).promised.unnamed.get('main/c2')).toEqual({ events: 2, outcomes: 0 });
});

test('an outcome is told by its payload, in a CloudEvent by its type', () => {
  const typed = (type: string) => ({ specversion: '1.0', type, data: {} });
  const outcomes = [{ data: {} }, typed('genesys.analytics.outcome'), typed('genesys.conversation.ended')];
  const sent = outcomes.map((payload) => answer(200, UNNAMED, payload));
  expect(expectEffects(sent).promised.unnamed.get('main/c2')).toEqual({ events: 3, outcomes: 2 });
});

test('only what was acknowledged is promised, and what a sender gave up is possible', () => {
  const { promised, possible, conversations } = expectEffects([answer(undefined, NAMED, { data: 1 })]);
  expect([countEvents(promised), countEvents(possible), conversations.size]).toEqual([0, 1, 0]);
});

test('a forgery that is let in promises nothing', () => {
  const forged = { expect: 'refused', status: 401 } as const;
  const { promised, possible } = expectEffects([answer(200, forged, { data: 1 })]);
  expect([countEvents(promised), countEvents(possible)]).toEqual([0, 0]);
});

test('bodies answered 400 and those with a refused item must be in quarantine, each once', () => {
  const refused = { expect: 'refused', status: 400 } as const;
  const sent = [
    answer(400, refused, 'x'),
    answer(400, refused, 'x'),
    answer(200, { ...NAMED, refusedItems: 1 }, { data: 'y' }),
    answer(200, NAMED, { data: 'z' }),
    answer(401, { ...refused, status: 401 }, 'forged'),
  ];
  expect(expectEffects(sent).quarantined.size).toBe(2);
});

test('events that can be told apart neither by id nor by conversation are refused', () => {
  const sent = [answer(200, { ...UNNAMED, events: 2 }, {})];
  expect(() => expectEffects(sent)).toThrow('declare no id');
});
