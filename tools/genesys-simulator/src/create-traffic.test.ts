import { readFileSync } from 'node:fs';

import { parseJson, recognise, splitDelivery } from '@aftercall/schemas';
import { schemeOf, verifyDelivery } from '@aftercall/signing';
import { describe, expect, test } from '@jest/globals';

import { createTraffic } from './create-traffic.ts';
import type { PlannedDelivery, TrafficKind } from './planned-delivery.ts';
import { signedHeaders } from './sign-planned.ts';
import { sources } from './test-sources.ts';
import { DEFAULT_MIX } from './traffic-mix.ts';

const now = new Date('2026-11-20T14:00:00.000Z');
const run = (seed = 1, count = 1_500) => [...createTraffic({ seed, count, sources, now })];
const traffic = run();
const ofKind = (kind: TrafficKind) => traffic.filter((delivery) => delivery.kind === kind);
const text = (delivery: PlannedDelivery) => Buffer.from(delivery.body).toString();
const payloadOf = (delivery: PlannedDelivery) => JSON.parse(text(delivery)) as Record<string, unknown>;
const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8')) as Record<
    string,
    unknown
  >;

function verify(delivery: PlannedDelivery) {
  const { source, body } = delivery;
  const headers = signedHeaders(delivery, source.secret, now);
  return verifyDelivery({ headers, body }, schemeOf(source.scheme), [source.secret], now).outcome;
}

/** What the schemas make of a delivery: the ids that the ledger will see. */
function split({ source, deliveryId, body }: PlannedDelivery) {
  const parsed = parseJson(Buffer.from(body));
  const wayIn = {
    key: source.key,
    scheme: source.scheme,
    secretName: 's',
    ...(source.org && { org: source.org }),
  } as never;
  const recognised = parsed.outcome === 'parsed' ? recognise(parsed.value, wayIn) : undefined;
  if (recognised === undefined) return undefined;
  const signedId = schemeOf(source.scheme).kind === 'standard-webhooks' ? deliveryId : undefined;
  const context = { source: wayIn, deliveryId: 'd', receivedTime: now, signedId, traceparent: undefined };
  return splitDelivery(recognised, {
    ...context,
    retentionSeconds: 70 * 86_400,
    objectRef: () => 's3://b/k',
  });
}

describe('a run', () => {
  test('is the same for the same seed, byte for byte, and another for another seed', () => {
    expect(run(5, 300)).toEqual(run(5, 300));
    expect(run(5, 300)).not.toEqual(run(6, 300));
  });

  test('has as many deliveries as asked for, numbered from 0', () => {
    expect(traffic.map(({ index }) => index)).toEqual(Array.from({ length: 1_500 }, (_item, index) => index));
  });

  test('holds every kind of the mix, about as often as its share', () => {
    const total = Object.values(DEFAULT_MIX).reduce((sum, share) => sum + share, 0);
    for (const [kind, share] of Object.entries(DEFAULT_MIX) as [TrafficKind, number][]) {
      const wanted = (share / total) * 1_500;
      expect(ofKind(kind).length).toBeGreaterThan(wanted * 0.3);
      expect(ofKind(kind).length).toBeLessThan(wanted * 2 + 10);
    }
  });

  test('narrows to the kinds and the dialects it is given', () => {
    const mix = { analytics: 1, forged: 1 };
    const narrow = [...createTraffic({ seed: 1, count: 200, sources: sources.slice(4), now, mix })];
    expect(new Set(narrow.map(({ kind }) => kind))).toEqual(new Set(['analytics', 'forged']));
    expect(() => [
      ...createTraffic({ seed: 1, count: 1, sources: sources.slice(4), now, mix: { conversation: 1 } }),
    ]).toThrow('no source speaks conversation-webhook');
    expect(() => [...createTraffic({ seed: 1, count: 1, sources, now, mix: {} })]).toThrow('empty');
  });

  test('has the shapes of the fixtures', () => {
    const single = payloadOf(
      ofKind('analytics').find((delivery) => text(delivery).includes('"score"')) ?? traffic[0]!,
    );
    const known = fixture('analytics-webhook');
    expect(Object.keys(known)).toEqual(expect.arrayContaining(Object.keys(single)));
    expect(Object.keys(known['data'] as object)).toEqual(
      expect.arrayContaining(Object.keys(single['data'] as object)),
    );
    const retried = payloadOf(ofKind('changed-metadata')[0] ?? traffic[0]!);
    expect(Object.keys(fixture('analytics-webhook-retried')).sort()).toEqual(Object.keys(retried).sort());
    const updated = ofKind('conversation')
      .map(payloadOf)
      .find((payload) => payload['event_type'] === 'conversation:updated');
    expect(Object.keys(fixture('conversation-webhook')).sort()).toEqual(Object.keys(updated ?? {}).sort());
  });

  test('takes the steps of a conversation in order, and of a reordered one not', () => {
    const isOrdered = (kind: TrafficKind) => {
      const times = Map.groupBy(ofKind(kind).map(payloadOf), (payload) => payload['conversation_id']);
      return [...times.values()].map((steps) => {
        const stamps = steps.map((step) => String(step['timestamp']));
        return stamps.join() === stamps.toSorted().join();
      });
    };
    expect(isOrdered('conversation')).not.toContain(false);
    expect(isOrdered('conversation-reordered')).toContain(false);
  });

  test('has text beyond ASCII and sentiment labels that nobody knows', () => {
    const all = traffic.map(text).join('');
    for (const word of ['Kündigung', '解約', 'frustré', 'erheblich']) expect(all).toContain(word);
  });
});

describe('signatures', () => {
  test('every delivery but the forged ones verifies', () => {
    const refused = traffic.filter((delivery) => verify(delivery) === 'refused');
    expect(refused).toEqual(ofKind('forged'));
  });

  test('every forgery of every scheme is there, and none of them verifies', () => {
    const forged = [...createTraffic({ seed: 2, count: 600, sources, now, mix: { forged: 1 } })].filter(
      ({ kind }) => kind === 'forged',
    );
    expect(forged.map(verify)).not.toContain('verified');
    expect(new Set(forged.map(({ signature }) => signature))).toEqual(
      new Set(['wrong-secret', 'missing', 'garbled', 'of-another-body', 'stale']),
    );
    expect(new Set(forged.map(({ source }) => source.key)).size).toBe(sources.length);
  });

  test('a forged delivery bears the body of a genuine one, sent before it or after it', () => {
    const indexOf = (forged: PlannedDelivery) =>
      traffic.find(({ kind, body }) => kind !== 'forged' && Buffer.compare(body, forged.body) === 0)?.index ??
      -1;
    const places = ofKind('forged').map((forged) => Math.sign(indexOf(forged) - forged.index));
    expect(new Set(places)).toEqual(new Set([1, -1]));
  });
});

describe('expectations', () => {
  const accepted = traffic.filter(({ expectation }) => expectation.status === 200);

  test('are the event ids that the schemas make of the bytes', () => {
    for (const delivery of accepted) {
      const { eventIds, events, refusedItems } = delivery.expectation;
      const made = split(delivery);
      expect(made?.events).toHaveLength(events);
      expect(made?.refused).toHaveLength(refusedItems);
      const ids = made?.events.map(({ envelope }) => envelope.id) ?? [];
      if (eventIds.length > 0) expect(new Set(ids)).toEqual(new Set(eventIds));
      else expect(ids.every((id) => /^[0-9a-f]{64}#/.test(id))).toBe(true);
    }
  });

  test('name every conversation of an event without a declared id', () => {
    for (const delivery of accepted) {
      const { eventIds, conversations } = delivery.expectation;
      const subjects = split(delivery)?.events.map(({ envelope }) => envelope.subject) ?? [];
      if (eventIds.length === 0)
        expect(new Set(conversations.map(({ conversationId }) => conversationId))).toEqual(new Set(subjects));
    }
  });

  test('an accepted delivery has a good event in it or is a kind that is skipped', () => {
    const empty = accepted.filter(({ expectation }) => expectation.events === 0);
    for (const delivery of empty) expect(split(delivery)?.skipped).toBe(1);
  });

  test('what is refused with 400 has no good event, and brings no effect', () => {
    const unreadable = [...ofKind('not-json'), ...ofKind('wrong-schema')];
    expect(unreadable.length).toBeGreaterThan(10);
    for (const delivery of unreadable) {
      expect(split(delivery)?.events ?? []).toEqual([]);
      expect(split(delivery)?.skipped ?? 0).toBe(0);
      expect(delivery.expectation).toMatchObject({
        expect: 'refused',
        status: 400,
        eventIds: [],
        conversations: [],
        events: 0,
      });
    }
  });

  test('a forged delivery is refused with 401, an unknown source with 404', () => {
    expect(new Set(ofKind('forged').map(({ expectation }) => expectation.status))).toEqual(new Set([401]));
    for (const delivery of ofKind('unknown-source')) {
      expect(delivery.expectation.status).toBe(404);
      expect(delivery.url).toBe('http://127.0.0.1:9/webhooks/no-such-source');
    }
  });

  test('a duplicate is the same bytes under the same delivery id, and the same events', () => {
    for (const delivery of ofKind('duplicate')) {
      const original = traffic.find(
        ({ deliveryId, source }) => deliveryId === delivery.deliveryId && source === delivery.source,
      );
      expect(original?.index).toBeLessThan(delivery.index);
      const twin = traffic.filter(
        ({ index, body }) => index < delivery.index && Buffer.compare(body, delivery.body) === 0,
      );
      expect(twin.map(({ expectation }) => expectation.eventIds)).toContainEqual(
        delivery.expectation.eventIds,
      );
    }
  });

  test('changed metadata changes the bytes and neither events nor their digests', () => {
    const digests = (delivery: PlannedDelivery) =>
      split(delivery)?.events.map(({ envelope }) => `${envelope.id} ${envelope.digest}`);
    for (const delivery of ofKind('changed-metadata')) {
      const original = traffic.find(({ deliveryId }) => deliveryId === delivery.deliveryId);
      expect(text(delivery)).not.toBe(original && text(original));
      expect(digests(delivery)).toEqual(original && digests(original));
    }
  });

  test('the same id from another organisation is another event', () => {
    const twins = ofKind('same-id-other-org');
    expect(twins.length).toBeGreaterThan(0);
    for (const delivery of twins) {
      const original = traffic.find(({ deliveryId }) => deliveryId === delivery.deliveryId);
      expect(delivery.expectation.eventIds).toEqual(original?.expectation.eventIds);
      expect(delivery.expectation.org).not.toBe(original?.expectation.org);
    }
  });
});
