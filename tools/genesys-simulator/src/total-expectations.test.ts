import { expect, test } from '@jest/globals';

import { createTraffic } from './create-traffic.ts';
import type { Expectation, PlannedDelivery } from './planned-delivery.ts';
import { sources } from './test-sources.ts';
import { totalExpectations } from './total-expectations.ts';

const now = new Date('2026-11-20T14:00:00.000Z');
const traffic = [...createTraffic({ seed: 3, count: 800, sources, now })];

test('accepted and refused add up to the run', () => {
  const { accepted, refused } = totalExpectations(traffic);
  expect(accepted + Object.values(refused).reduce((sum, count) => sum + count, 0)).toBe(800);
  expect(Object.keys(refused)).toEqual(
    expect.arrayContaining(['not-json', 'unknown-source', 'forged-wrong-secret']),
  );
});

test('duplicates add nothing', () => {
  const repeats = ['duplicate', 'changed-metadata'];
  const once = traffic.filter(({ kind }) => !repeats.includes(kind));
  const idsOf = (deliveries: typeof traffic) =>
    [...totalExpectations(deliveries).events].map(([org, ids]) => [org, [...ids].sort()]).sort();
  expect(idsOf(traffic)).toEqual(idsOf(once));
});

test('the organisations that share a source do not share events with others', () => {
  expect([...totalExpectations(traffic).events.keys()].sort()).toEqual(['main', 'relay', 'static', 'timed']);
});

test('ended is final in any order, and a bare mention never overrides a status', () => {
  const sample = traffic[0];
  const delivery = (status?: 'active' | 'ended') => {
    const conversations = [{ conversationId: 'c', ...(status && { status }) }];
    const expectation: Expectation = { ...sample!.expectation, org: 'main', conversations };
    return { ...sample, expectation } as PlannedDelivery;
  };
  const statusAfter = (...statuses: ('active' | 'ended' | undefined)[]) =>
    totalExpectations(statuses.map(delivery)).conversations.get('main')?.get('c')?.status;
  expect(statusAfter('ended', 'active', undefined)).toBe('ended');
  expect(statusAfter('active', 'ended')).toBe('ended');
  expect(statusAfter(undefined, 'active', undefined)).toBe('active');
  expect(statusAfter(undefined)).toBeUndefined();
});
