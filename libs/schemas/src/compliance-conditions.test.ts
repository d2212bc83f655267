import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { conditionsOf, type MatchableViolation, ruleFinder } from './compliance-conditions.ts';
import type { ComplianceRule } from './compliance-rules.ts';
import { SEVERITIES } from './constants.ts';
import { readComplianceRules } from './read-compliance-rules.ts';

const violation: MatchableViolation = {
  code: 'PCI_CARD_SPOKEN',
  category: 'payment',
  severity: 'major',
  queueId: 'q1',
  agentId: 'a1',
  mediaType: 'voice',
  source: 'main',
};
const ruleWith = (match: ComplianceRule['match'], name = 'r'): ComplianceRule => ({
  name,
  match,
  route: { team: 'default', dueWithinSeconds: 1 },
});
const found = (match: ComplianceRule['match'], changes: Partial<MatchableViolation> = {}): boolean =>
  ruleFinder({ defaultDueWithinSeconds: 1, rules: [ruleWith(match)] })({ ...violation, ...changes }) !==
  undefined;

describe('a rule matches', () => {
  test.each<[string, ComplianceRule['match'], Partial<MatchableViolation>]>([
    ['one of its values', { code: ['A', 'PCI_CARD_SPOKEN'] }, {}],
    ['when all of its fields do', { code: ['PCI_CARD_SPOKEN'], agentId: ['a1'], source: ['main'] }, {}],
    ['a label in other letters', { code: ['pci_card_spoken'], mediaType: ['VOICE'] }, {}],
    ['an umlaut made of two characters', { category: ['Überweisung'] }, { category: 'U\u0308berweisung' }],
    ['the least severity itself', { severityAtLeast: 'major' }, {}],
    ['a worse one', { severityAtLeast: 'minor' }, {}],
    ['any severity at all', { severityAtLeast: 'unknown' }, { severity: 'unknown' }],
  ])('%s', (_case, match, changes) => {
    expect(found(match, changes)).toBe(true);
  });
});

describe('a rule does not match', () => {
  test.each<[string, ComplianceRule['match'], Partial<MatchableViolation>]>([
    ['when one of its fields does not', { code: ['PCI_CARD_SPOKEN'], agentId: ['a2'] }, {}],
    ['an id in other letters', { agentId: ['A1'] }, {}],
    ['a part of a value', { code: ['PCI'] }, {}],
    ['a value as a pattern', { code: ['PCI.*', '.*'] }, {}],
    ['a milder severity', { severityAtLeast: 'critical' }, {}],
    ['an unknown severity as the mildest known', { severityAtLeast: 'info' }, { severity: 'unknown' }],
    ['a violation without a code', { code: ['PCI_CARD_SPOKEN'] }, { code: null }],
    ['a call without an agent', { agentId: ['a1'] }, { agentId: null }],
  ])('%s', (_case, match, changes) => {
    expect(found(match, changes)).toBe(false);
  });
});

test('the first rule that matches is found', () => {
  const rules = [
    ruleWith({ code: ['X'] }, 'a'),
    ruleWith({ source: ['main'] }, 'b'),
    ruleWith({ agentId: ['a1'] }, 'c'),
  ];
  expect(ruleFinder({ defaultDueWithinSeconds: 1, rules })(violation)?.name).toBe('b');
});

describe('of any rules', () => {
  const word = fc.constantFrom('a', 'B', 'b', 'ä', 'c');
  const words = fc.uniqueArray(word, { minLength: 1 });
  const severity = fc.constantFrom(...SEVERITIES);
  const match = fc
    .record(
      {
        code: words,
        agentId: words,
        severity: fc.uniqueArray(severity, { minLength: 1 }),
        severityAtLeast: severity,
      },
      { requiredKeys: [] },
    )
    .map(({ severityAtLeast, ...rest }) =>
      rest.severity || severityAtLeast === undefined ? rest : { ...rest, severityAtLeast },
    )
    .filter((made) => Object.keys(made).length > 0);
  const ruleSet = fc.array(match, { maxLength: 6 }).map((matches) => ({
    defaultDueWithinSeconds: 1,
    rules: matches.map((each, n) => ruleWith(each, `r${n}`)),
  }));
  const anyViolation = fc.record({
    code: fc.option(word),
    agentId: fc.option(word),
    severity,
    category: fc.constant(null),
    queueId: fc.constant(null),
    mediaType: fc.constant(null),
    source: fc.constant('main'),
  });

  test('one that is refused because it can never match never does', () => {
    fc.assert(
      fc.property(ruleSet, anyViolation, (rules, said) => {
        const read = readComplianceRules(JSON.stringify(rules));
        const errors = read.outcome === 'invalid' ? read.errors : [];
        const name = ruleFinder(rules)(said)?.name;
        const place = rules.rules.findIndex((rule) => rule.name === name);
        expect(errors.some((error) => error.startsWith(`/rules/${place}: can never match`))).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test('one that is found meets each of its conditions, and none before it does', () => {
    const meets = (rule: ComplianceRule, said: MatchableViolation) =>
      [...conditionsOf(rule)].every(([field, values]) => {
        const value = said[field];
        return value !== null && (values.has(value) || (field === 'code' && values.has(value.toLowerCase())));
      });
    fc.assert(
      fc.property(ruleSet, anyViolation, (rules, said) => {
        expect(ruleFinder(rules)(said)).toBe(rules.rules.find((rule) => meets(rule, said)));
      }),
    );
  });
});
