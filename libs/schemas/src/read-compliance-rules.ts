import validateComplianceRules from '../generated/compliance-rules.js';
import { type Conditions, conditionsOf } from './compliance-conditions.ts';
import type { ComplianceRule, ComplianceRules } from './compliance-rules.ts';
import type { Validator } from './dialect.ts';
import { parseJson } from './parse-json.ts';
import { repeatedFields } from './repeated-fields.ts';

/** No error quotes a value but the names of fields, rules and teams. */
export type ReadComplianceRules =
  | { readonly outcome: 'valid'; readonly rules: ComplianceRules }
  | { readonly outcome: 'invalid'; readonly errors: readonly string[] };

/** Reads the text of a compliance rule set. Never throws; each error says where (a JSON pointer) and what. */
export function readComplianceRules(text: string): ReadComplianceRules {
  if (text.includes('\uFFFD')) return invalid(['is not valid UTF-8']);
  const parsed = parseJson(new TextEncoder().encode(text));
  if (parsed.outcome === 'unreadable') return invalid([parsed.message]);
  const repeated = repeatedFields(text).map((name) => `${name}: stands twice in one object`);
  if (repeated.length > 0) return invalid(repeated);
  const { value } = parsed;
  if (!validateComplianceRules(value)) return invalid(faultsOf(validateComplianceRules));
  const errors = contradictions(value.rules);
  return errors.length > 0 ? invalid(errors) : { outcome: 'valid', rules: value };
}

/** What is wrong with a rule set in a stage that has QA queues for these teams only. */
export function missingTeams({ rules }: ComplianceRules, teams: ReadonlySet<string>): readonly string[] {
  return rules.flatMap(({ name, route }, index) =>
    teams.has(route.team)
      ? []
      : [`/rules/${index}/route/team: rule ${name} names ${route.team}, which has no QA queue in this stage`],
  );
}

const invalid = (errors: readonly string[]): ReadComplianceRules => ({ outcome: 'invalid', errors });

function faultsOf({ errors }: Pick<Validator<unknown>, 'errors'>): readonly string[] {
  return (errors ?? []).map(({ instancePath, params = {}, message, keyword }) => {
    const { additionalProperty: unknown, missingProperty: missing, allowedValues: allowed } = params;
    if (typeof unknown === 'string') return at(`${instancePath}/${escaped(unknown)}`, 'is not a known field');
    if (typeof missing === 'string') return at(`${instancePath}/${missing}`, 'is missing');
    if (Array.isArray(allowed)) return at(instancePath, `must be one of ${allowed.join(', ')}`);
    return at(instancePath, message ?? keyword);
  });
}

const at = (pointer: string, message: string): string =>
  pointer === '' ? message : `${pointer}: ${message}`;

/** @see https://www.rfc-editor.org/rfc/rfc6901#section-3 */
const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

/** What each rule allows alone and the rules do not allow together. */
function contradictions(rules: readonly ComplianceRule[]): readonly string[] {
  const conditions = rules.map(conditionsOf);
  return rules.flatMap((rule, index) => [
    ...conflictingSeverities(rule, index),
    ...sameName(rules, index),
    ...shadowed(rules, conditions, index),
  ]);
}

const conflictingSeverities = ({ match }: ComplianceRule, index: number): string[] =>
  match.severity && match.severityAtLeast
    ? [`/rules/${index}/match: has both severity and severityAtLeast; one of them must go`]
    : [];

function sameName(rules: readonly ComplianceRule[], index: number): string[] {
  const first = rules.findIndex(({ name }) => name === rules[index]?.name);
  return first === index ? [] : [`/rules/${index}/name: is the name of /rules/${first} too`];
}

function shadowed(
  rules: readonly ComplianceRule[],
  conditions: readonly Conditions[],
  index: number,
): string[] {
  const own = conditions[index] ?? new Map();
  const earlier = conditions.slice(0, index).findIndex((wider) => includes(wider, own));
  const name = rules[earlier]?.name;
  if (name === undefined) return [];
  return [`/rules/${index}: can never match, because /rules/${earlier} (${name}) matches all it does`];
}

/** Whether whatever meets the narrower conditions meets the wider ones too. */
function includes(wider: Conditions, narrower: Conditions): boolean {
  return [...wider].every(([field, values]) => {
    const own = narrower.get(field);
    return own !== undefined && [...own].every((value) => values.has(value));
  });
}
