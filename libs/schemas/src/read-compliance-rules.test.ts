import { describe, expect, test } from '@jest/globals';
import { missingTeams, readComplianceRules } from './read-compliance-rules.ts';

const rule = {
  name: 'card-data',
  match: { code: ['PCI_CARD_SPOKEN'] },
  route: { team: 'security', dueWithinSeconds: 3_600 },
};
const other = { ...rule, name: 'disclosure', match: { category: ['disclosure'] } };
const rules = { defaultDueWithinSeconds: 86_400, rules: [rule, other] };

const errorsOf = (value: unknown): readonly string[] => {
  const read = readComplianceRules(JSON.stringify(value));
  return read.outcome === 'invalid' ? read.errors : [];
};
const withRule = (changes: object) => errorsOf({ ...rules, rules: [{ ...rule, ...changes }] });
const withMatch = (match: unknown) => withRule({ match });
const withRoute = (changes: object) => withRule({ route: { ...rule.route, ...changes } });

test('a rule set is read as it is written', () => {
  expect(readComplianceRules(JSON.stringify(rules))).toEqual({ outcome: 'valid', rules });
});

test('no rule at all is a rule set: everything goes to the default queue', () => {
  expect(errorsOf({ ...rules, rules: [] })).toEqual([]);
});

test('every field of a rule can be used', () => {
  const match = {
    code: ['A'],
    category: ['Payment', 'Überweisung 🙂'],
    severity: ['critical', 'unknown'],
    queueId: ['6e704245-a4ff-41e3-a794-9b80dcb0b82e'],
    agentId: ['../..'],
    mediaType: ['voice'],
    source: ['main'],
  };
  expect(withRule({ match, route: { ...rule.route, severity: 'major' } })).toEqual([]);
  expect(withMatch({ severityAtLeast: 'minor' })).toEqual([]);
  expect(withRule({ tag: 'card data spoken' })).toEqual([]);
});

test('a byte-order mark, as editors leave it, does no harm', () => {
  expect(readComplianceRules(`\uFEFF${JSON.stringify(rules)}`).outcome).toBe('valid');
});

describe('a text that is none', () => {
  test.each([
    ['nothing', '', 'body is empty'],
    ['a comma too many', '{"rules":[],}', 'body is not JSON (at position 12)'],
    ['another encoding', '{"rules":"\uFFFDberweisung"}', 'is not valid UTF-8'],
    ['a list', '[]', 'must be object'],
    ['null', 'null', 'must be object'],
    ['brackets 100,000 deep', '['.repeat(100_000), 'body is not JSON'],
  ])('%s is refused', (_case, text, error) => {
    const read = readComplianceRules(text);
    expect(read.outcome).toBe('invalid');
    expect(read.outcome === 'invalid' && read.errors.join()).toContain(error);
  });
});

describe('a field that is not known is refused by its name, wherever it stands', () => {
  test.each([
    ['beside the rules', { ...rules, version: 2 }, '/version'],
    ['in a rule', { ...rules, rules: [{ ...rule, enabled: false }] }, '/rules/0/enabled'],
    [
      'among the conditions',
      { ...rules, rules: [{ ...rule, match: { codes: ['A'] } }] },
      '/rules/0/match/codes',
    ],
    [
      'in the route',
      { ...rules, rules: [other, { ...rule, route: { ...rule.route, queue: 'x' } }] },
      '/rules/1/route/queue',
    ],
    ['with a slash in it', { ...rules, 'a/b~c': 1 }, '/a~1b~0c'],
  ])('%s', (_case, value, pointer) => {
    expect(errorsOf(value)).toContain(`${pointer}: is not a known field`);
  });
});

describe('what is missing or of no use is refused, with where it is', () => {
  test.each([
    ['no time for the default queue', errorsOf({ rules: [] }), '/defaultDueWithinSeconds: is missing'],
    ['no rules', errorsOf({ defaultDueWithinSeconds: 1 }), '/rules: is missing'],
    ['a rule without a name', withRule({ name: undefined }), '/rules/0/name: is missing'],
    ['a name with blanks', withRule({ name: 'card data' }), '/rules/0/name: must match'],
    ['no condition', withMatch({}), '/rules/0/match: must NOT have fewer than 1 properties'],
    ['an empty list', withMatch({ code: [] }), '/rules/0/match/code: must NOT have fewer than 1 items'],
    ['a value twice', withMatch({ code: ['A', 'A'] }), '/rules/0/match/code: must NOT have duplicate items'],
    ['one value without its list', withMatch({ code: 'A' }), '/rules/0/match/code: must be array'],
    ['an empty value', withMatch({ code: [''] }), '/rules/0/match/code/0: must match'],
    ['a blank before a value', withMatch({ code: ['A', ' B'] }), '/rules/0/match/code/1: must match'],
    ['a number for a value', withMatch({ agentId: [7] }), '/rules/0/match/agentId/0: must be string'],
    ['a value of 1 MB', withMatch({ code: ['x'.repeat(1e6)] }), '/rules/0/match/code/0: must NOT have more'],
    [
      'a severity there is not',
      withMatch({ severity: ['furious'] }),
      '/rules/0/match/severity/0: must be one of critical, major, minor, info, unknown',
    ],
    [
      'a least severity there is not',
      withMatch({ severityAtLeast: 'Critical' }),
      '/rules/0/match/severityAtLeast: must be one of',
    ],
    ['a severity to set there is not', withRoute({ severity: 'none' }), '/rules/0/route/severity: must be'],
    ['no team', withRoute({ team: undefined }), '/rules/0/route/team: is missing'],
    ['a team in capitals', withRoute({ team: 'Security' }), '/rules/0/route/team: must match'],
    ['a team with a path', withRoute({ team: '../x' }), '/rules/0/route/team: must match'],
    ['a team too long for a queue', withRoute({ team: 'x'.repeat(41) }), '/rules/0/route/team: must match'],
    ['no time', withRoute({ dueWithinSeconds: 0 }), '/rules/0/route/dueWithinSeconds: must be >= 1'],
    ['half a second', withRoute({ dueWithinSeconds: 0.5 }), '/rules/0/route/dueWithinSeconds: must be'],
    ['an empty tag', withRule({ tag: '' }), '/rules/0/tag: must match'],
    ['a blank behind a tag', withRule({ tag: 'card-data ' }), '/rules/0/tag: must match'],
    ['a tag of 65 characters', withRule({ tag: 'x'.repeat(65) }), '/rules/0/tag: must NOT have more than 64'],
    ['a list of tags', withRule({ tag: ['card-data'] }), '/rules/0/tag: must be string'],
    ['a duration as text', withRoute({ dueWithinSeconds: 'PT1H' }), '/rules/0/route/dueWithinSeconds: must'],
  ])('%s', (_case, errors, start) => {
    expect(errors.some((error) => error.startsWith(start))).toBe(true);
  });

  test('and all of it at once', () => {
    const errors = errorsOf({ rules: [{ ...rule, name: 'X', match: { codes: [], code: [] } }], also: 1 });
    expect(errors.map((error) => error.split(': ')[0]).sort()).toEqual([
      '/also',
      '/defaultDueWithinSeconds',
      '/rules/0/match/code',
      '/rules/0/match/codes',
      '/rules/0/name',
    ]);
  });

  test('no error shows what a field holds', () => {
    const errors = withRule({ name: 'hunter2!', match: { code: [' hunter2'], severity: ['hunter2'] } });
    expect(errors).toHaveLength(3);
    expect(errors.join()).not.toContain('hunter2');
  });
});

describe('a contradiction is refused', () => {
  const pair = (first: object, second: object) =>
    errorsOf({
      ...rules,
      rules: [
        { ...rule, name: 'first', match: first },
        { ...rule, name: 'second', match: second },
      ],
    });

  test('two rules of one name', () => {
    expect(errorsOf({ ...rules, rules: [rule, { ...other, name: rule.name }] })).toEqual([
      '/rules/1/name: is the name of /rules/0 too',
    ]);
  });

  test('two words on severity in one rule', () => {
    expect(withMatch({ severity: ['minor'], severityAtLeast: 'major' })).toEqual([
      '/rules/0/match: has both severity and severityAtLeast; one of them must go',
    ]);
  });

  test('one field written twice, of which the parser would keep the last', () => {
    const text = JSON.stringify(rules).replace('"code":["PCI_CARD_SPOKEN"]', '"code":["A"],"code":["B"]');
    expect(readComplianceRules(text)).toEqual({
      outcome: 'invalid',
      errors: ['code: stands twice in one object'],
    });
  });

  test.each([
    ['the same conditions', { code: ['A'] }, { code: ['A'] }],
    ['the same value in other letters', { code: ['pci_card'] }, { code: ['PCI_CARD'] }],
    ['some of its values', { code: ['A', 'B'] }, { code: ['B'] }],
    ['a condition more', { code: ['A'] }, { code: ['A'], severity: ['critical'] }],
    ['a worse least severity', { severityAtLeast: 'minor' }, { severityAtLeast: 'critical' }],
    ['severities the least one covers', { severityAtLeast: 'major' }, { severity: ['critical', 'major'] }],
    [
      'severities that are all there are',
      { severity: ['unknown', 'info', 'minor', 'major', 'critical'] },
      { severityAtLeast: 'unknown' },
    ],
  ])('a rule that an earlier one leaves nothing to: %s', (_case, first, second) => {
    expect(pair(first, second)).toEqual([
      '/rules/1: can never match, because /rules/0 (first) matches all it does',
    ]);
  });

  test.each([
    ['a value more', { code: ['A'] }, { code: ['A', 'B'] }],
    ['a condition less', { code: ['A'], mediaType: ['voice'] }, { code: ['A'] }],
    ['another field', { code: ['A'] }, { category: ['A'] }],
    ['a milder severity', { severityAtLeast: 'critical' }, { severityAtLeast: 'major' }],
    ['an id in other letters, which is another id', { agentId: ['a1'] }, { agentId: ['A1'] }],
  ])('but not one that it leaves something: %s', (_case, first, second) => {
    expect(pair(first, second)).toEqual([]);
  });
});

describe('a rule set in a stage', () => {
  const read = readComplianceRules(JSON.stringify(rules));
  const valid = read.outcome === 'valid' ? read.rules : undefined;

  test('fits when every team has its queue', () => {
    expect(valid && missingTeams(valid, new Set(['default', 'security']))).toEqual([]);
  });

  test('does not when a rule names another: each such rule is named', () => {
    expect(valid && missingTeams(valid, new Set(['default']))).toEqual([
      '/rules/0/route/team: rule card-data names security, which has no QA queue in this stage',
      '/rules/1/route/team: rule disclosure names security, which has no QA queue in this stage',
    ]);
  });
});
