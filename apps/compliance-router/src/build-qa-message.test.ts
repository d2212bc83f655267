import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { validateComplianceRouted, validateQaMessage } from '@aftercall/schemas';
import { buildQaMessage } from './build-qa-message.ts';
import { buildRoutedFact } from './build-routed-fact.ts';
import { routeViolations } from './route-violations.ts';
import { outcomeFact, ruleSet, someRules, someTeams, violation } from './sample-facts.ts';

const APP = 'https://apps.mypurecloud.ie';
const card = violation({ code: 'PCI_CARD_SPOKEN', severity: 'major', offset_ms: 184_250 });

const routed = (fact: ReturnType<typeof outcomeFact>) =>
  routeViolations(fact, ruleSet(someRules), someTeams).map((routing) => ({
    message: buildQaMessage(fact, routing, APP),
    told: buildRoutedFact(fact, routing),
  }));
const linkFor = (conversationId: string, app = APP) => {
  const fact = outcomeFact([card], {}, conversationId);
  const [routing] = routeViolations(fact, ruleSet(someRules), someTeams);
  return routing && buildQaMessage(fact, routing, app).link;
};

test('a QA team reads who, what, where in the call, due when, and where to look', () => {
  const known = { agent_id: 'a1', queue_id: 'q1', media_type: 'voice', direction: 'inbound' };
  const [first] = routed(outcomeFact([card], known, '7a6e'));
  expect(first?.message).toEqual({
    factId: 'main/o#7a6e/-/aftercall.outcome.recorded',
    team: 'security',
    org: 'main',
    source: 'main',
    conversationId: '7a6e',
    communicationId: null,
    agentId: 'a1',
    queueId: 'q1',
    mediaType: 'voice',
    direction: 'inbound',
    occurredAt: '2026-11-20T14:03:27.418Z',
    receivedAt: '2026-11-20T14:05:00.000Z',
    severity: 'critical',
    dueAt: '2026-11-20T15:05:00.000Z',
    violationCount: 1,
    violations: [
      {
        code: 'PCI_CARD_SPOKEN',
        category: null,
        severity: 'critical',
        offsetMs: 184_250,
        dueAt: '2026-11-20T15:05:00.000Z',
        rule: 'card-data',
      },
    ],
    link: 'https://apps.mypurecloud.ie/directory/#/analytics/interactions/7a6e/admin',
  });
});

test('the bus hears of it under an id that follows from event and team', () => {
  const fact = outcomeFact([card, violation()], {}, '7a6e');
  expect(routed(fact).map(({ told }) => told)).toMatchObject([
    {
      id: 'main/o#7a6e/-/aftercall.compliance.routed/security',
      type: 'aftercall.compliance.routed',
      subject: '7a6e',
      org: 'main',
      time: fact.time,
      traceparent: fact.traceparent,
      data: { queue: 'security', severity: 'critical', dueAt: '2026-11-20T15:05:00.000Z', violationCount: 1 },
    },
    { id: 'main/o#7a6e/-/aftercall.compliance.routed/default', data: { queue: 'default' } },
  ]);
});

describe('the link', () => {
  test.each([
    ['a/b', 'a%2Fb'],
    ['a=b&c?d#e', 'a%3Db%26c%3Fd%23e'],
    ['../../x', '..%2F..%2Fx'],
    ['🙂', '%F0%9F%99%82'],
    ['\uD800', '%EF%BF%BD'],
    ['"><script>', '%22%3E%3Cscript%3E'],
  ])('holds the id %p as one segment', (id, segment) => {
    expect(linkFor(id)).toBe(`${APP}/directory/#/analytics/interactions/${segment}/admin`);
  });

  test.each(['..', '.'])('stays on its page when the id is %p', (id) => {
    expect(new URL(linkFor(id) ?? '').href).toBe(`${APP}/directory/#/analytics/interactions/${id}/admin`);
  });

  test('is the same with a slash after the address', () => {
    expect(linkFor('c1', `${APP}//`)).toBe(linkFor('c1'));
  });
});

test('whatever an outcome says, message and fact are of their schemas, and the same when repeated', () => {
  const text = fc.option(fc.string({ unit: 'binary', maxLength: 20 }));
  const anyViolation = fc.record({
    code: text,
    category: text,
    severity: fc.constantFrom('critical' as const, 'minor' as const, 'unknown' as const),
    offset_ms: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  });
  const receivedAt = fc
    .date({ noInvalidDate: true, min: new Date('1990-01-01'), max: new Date('9000-01-01') })
    .map((date) => date.toISOString());
  const anyFact = fc
    .tuple(
      fc.array(anyViolation, { minLength: 1, maxLength: 5 }),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
      fc.record({ agent_id: text, queue_id: text, media_type: text, received_at: receivedAt }),
    )
    .map(([violations, id, data]) => outcomeFact(violations, data, id));
  fc.assert(
    fc.property(anyFact, (fact) => {
      for (const { message, told } of routed(fact)) {
        expect([validateQaMessage(message), validateQaMessage.errors]).toEqual([true, null]);
        expect([validateComplianceRouted(told.data), validateComplianceRouted.errors]).toEqual([true, null]);
      }
      expect(JSON.stringify(routed(structuredClone(fact)))).toBe(JSON.stringify(routed(fact)));
    }),
  );
});
