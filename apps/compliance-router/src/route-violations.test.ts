import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SEVERITIES } from '@aftercall/schemas';
import { chooseTag, routeViolations } from './route-violations.ts';
import { outcomeFact, ruleSet, someRules, someTeams, violation } from './sample-facts.ts';

const card = violation({ code: 'PCI_CARD_SPOKEN', severity: 'major', offset_ms: 184_250 });
const rude = violation({ code: 'RUDE', category: 'Conduct', severity: 'minor', offset_ms: 1_000 });
const strange = violation({ code: 'NEW_THING', severity: 'info', offset_ms: 0 });

const route = (violations: Parameters<typeof outcomeFact>[0], changes = {}) =>
  routeViolations(outcomeFact(violations, changes), ruleSet(someRules), someTeams);

test('a violation goes to the team of the first rule that matches, with its severity and due time', () => {
  expect(route([card])).toEqual([
    {
      team: 'security',
      severity: 'critical',
      dueAt: '2026-11-20T15:05:00.000Z',
      violationCount: 1,
      unmatched: 0,
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
    },
  ]);
});

test('a rule that sets no severity leaves the violation its own', () => {
  expect(route([rude])).toMatchObject([{ team: 'coaching', severity: 'minor' }]);
});

test('what no rule matches goes to the default queue, in the default time, and is counted', () => {
  expect(route([strange])).toMatchObject([
    {
      team: 'default',
      severity: 'info',
      dueAt: '2026-11-21T14:05:00.000Z',
      unmatched: 1,
      violations: [{ rule: null }],
    },
  ]);
});

test('violations of one team are one list: the worst first, due when the first of them is', () => {
  const worst = violation({ code: 'THREAT', severity: 'critical', offset_ms: 9_000 });
  const early = { ...card, offset_ms: 2_000 };
  const somewhere = { ...card, offset_ms: null };
  const routings = route([somewhere, worst, strange, rude, card, early]);
  expect(routings.map(({ team, violationCount }) => [team, violationCount])).toEqual([
    ['security', 4],
    ['default', 1],
    ['coaching', 1],
  ]);
  expect(routings[0]).toMatchObject({ severity: 'critical', dueAt: '2026-11-20T15:05:00.000Z' });
  expect(routings[0]?.violations.map(({ offsetMs }) => offsetMs)).toEqual([2_000, 9_000, 184_250, null]);
  const mixed = route([violation({ severity: 'minor' }), violation({ severity: 'major' }), violation()]);
  expect(mixed[0]).toMatchObject({ severity: 'major' });
  expect(mixed[0]?.violations.map(({ severity }) => severity)).toEqual(['major', 'minor', 'unknown']);
});

test('a violation of which nothing is known still reaches somebody', () => {
  expect(route([violation()])).toMatchObject([
    { team: 'default', severity: 'unknown', violations: [{ code: null, offsetMs: null }] },
  ]);
});

test('a team without a queue gets its violations nowhere: they go to the default queue with what has no rule', () => {
  const routings = routeViolations(
    outcomeFact([card, strange]),
    ruleSet(someRules),
    new Set(['default', 'coaching']),
  );
  expect(routings).toMatchObject([
    { team: 'default', violationCount: 2, unmatched: 1, severity: 'critical' },
  ]);
});

test('the outcome’s queue, agent, media and source can decide', () => {
  const to = (team: string, match: object) => ({ name: team, match, route: { team, dueWithinSeconds: 1 } });
  const rules = ruleSet({
    defaultDueWithinSeconds: 1,
    rules: [
      to('a', { queueId: ['q1'], agentId: ['a1'] }),
      to('b', { mediaType: ['chat'] }),
      to('c', { source: ['relay'] }),
    ],
  });
  const teams = new Set(['default', 'a', 'b', 'c']);
  const teamOf = (data: object) => routeViolations(outcomeFact([card], data), rules, teams)[0]?.team;
  expect(teamOf({ queue_id: 'q1', agent_id: 'a1' })).toBe('a');
  expect(teamOf({ queue_id: 'q1', agent_id: 'a2' })).toBe('default');
  expect(teamOf({ media_type: 'Chat' })).toBe('b');
  expect(teamOf({ source: 'relay' })).toBe('c');
});

describe('where in the call', () => {
  test.each([
    [0, 0],
    [184_250, 184_250],
    [12.6, 13],
    [-1, null],
    [-0.4, null],
    [-5_000, null],
    [1e300, null],
    [null, null],
  ])('an offset of %p ms is %p', (offset, place) => {
    expect(route([{ ...card, offset_ms: offset }])[0]?.violations[0]?.offsetMs).toBe(place);
  });
});

describe('a list too long for a message', () => {
  const many = Array.from({ length: 20_000 }, (_, n) =>
    violation({ code: `🙂${n}`, category: 'x'.repeat(40), severity: n === 19_999 ? 'critical' : 'minor' }),
  );

  test('keeps the worst, says how many there were, and fits', () => {
    const [security, rest] = route(many).toSorted((one, other) => one.violationCount - other.violationCount);
    expect(security).toMatchObject({ team: 'security', violationCount: 1 });
    expect(rest?.violationCount).toBe(19_999);
    expect(rest?.violations.length).toBeGreaterThan(1_000);
    expect(rest?.violations.length).toBeLessThan(19_999);
    expect(Buffer.byteLength(JSON.stringify(rest?.violations))).toBeLessThan(512 * 1024);
  });

  test('is not cut while it fits', () => {
    const [routing] = route(many.slice(0, 2_000));
    expect(routing?.violations).toHaveLength(2_000);
  });
});

describe('of any outcome', () => {
  const text = fc.string({ unit: 'binary', maxLength: 12 });
  const label = fc.option(fc.oneof(text, fc.constantFrom('PCI_CARD_SPOKEN', 'conduct', 'CONDUCT', '..')));
  const anyViolation = fc.record({
    code: label,
    category: label,
    severity: fc.constantFrom(...SEVERITIES),
    offset_ms: fc.option(fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))),
  });
  const anyFact = fc.array(anyViolation, { maxLength: 12 }).map((violations) => outcomeFact(violations));
  const anyTeams = fc.subarray(['security', 'coaching']).map((some) => new Set(['default', ...some]));

  test('every violation ends in exactly one queue, and every queue is one that there is', () => {
    fc.assert(
      fc.property(anyFact, anyTeams, (fact, teams) => {
        const routings = routeViolations(fact, ruleSet(someRules), teams);
        const routed = routings.flatMap(({ violations }) =>
          violations.map(({ code, category }) => [code, category]),
        );
        const had = fact.data.violation_details.map(({ code, category }) => [code, category]);
        expect(routed.map((each) => JSON.stringify(each)).sort()).toEqual(
          had.map((each) => JSON.stringify(each)).sort(),
        );
        expect(new Set(routings.map(({ team }) => team)).size).toBe(routings.length);
        expect(routings.every(({ team }) => teams.has(team))).toBe(true);
        expect(routings.every((one) => one.violationCount === one.violations.length)).toBe(true);
      }),
    );
  });

  test('the same fact is routed the same, whenever and however often', () => {
    fc.assert(
      fc.property(anyFact, (fact) => {
        const again = structuredClone(fact);
        expect(routeViolations(again, ruleSet(structuredClone(someRules)), someTeams)).toEqual(
          routeViolations(fact, ruleSet(someRules), someTeams),
        );
      }),
    );
  });

  test('nothing is due later, or called milder, than the worst and most urgent of what is in it', () => {
    fc.assert(
      fc.property(anyFact, (fact) => {
        for (const { severity, dueAt, violations } of routeViolations(fact, ruleSet(someRules), someTeams)) {
          for (const each of violations) {
            expect(SEVERITIES.indexOf(severity)).toBeLessThanOrEqual(SEVERITIES.indexOf(each.severity));
            expect(Date.parse(dueAt)).toBeLessThanOrEqual(Date.parse(each.dueAt));
          }
        }
      }),
    );
  });
});

describe('the tag of a conversation', () => {
  const tagged = (name: string, code: string, tag?: string, severity?: 'minor') => ({
    name,
    match: { code: [code] },
    route: { team: 'default', dueWithinSeconds: 1, ...(severity && { severity }) },
    ...(tag !== undefined && { tag }),
  });
  const rules = ruleSet({
    defaultDueWithinSeconds: 1,
    rules: [
      tagged('a', 'A', 'tag a'),
      tagged('b', 'B', 'tag b'),
      tagged('lowered', 'L', 'tag l', 'minor'),
      tagged('untagged', 'U'),
    ],
  });
  const said = (code: string, severity: 'critical' | 'major' | 'info', offset_ms: number | null = 0) =>
    violation({ code, severity, offset_ms });
  const tagOf = (...violations: Parameters<typeof outcomeFact>[0]) =>
    chooseTag(outcomeFact(violations), rules);

  test.each([
    ['is that of the only rule that has one', [said('U', 'critical'), said('A', 'info')], 'tag a'],
    ['is that of the worst violation', [said('A', 'major'), said('B', 'critical', 9)], 'tag b'],
    ['goes by the severity that the rule sets', [said('L', 'critical'), said('A', 'major')], 'tag a'],
    ['of equal ones is the earliest in the call', [said('A', 'major', 9), said('B', 'major', 8)], 'tag b'],
    [
      'of ones at an unknown place is the first',
      [said('B', 'major', null), said('A', 'major', null)],
      'tag b',
    ],
    ['is none without a rule that has one', [said('U', 'critical'), said('X', 'critical')], undefined],
    ['is none without violations', [], undefined],
  ])('%s', (_case, violations, tag) => {
    expect(tagOf(...violations)).toBe(tag);
  });
});
