import type { ComplianceRule, ComplianceRules } from './compliance-rules.ts';
import { SEVERITIES, type Severity } from './constants.ts';

const FIELDS = ['code', 'category', 'severity', 'queueId', 'agentId', 'mediaType', 'source'] as const;
type Field = (typeof FIELDS)[number];

/** Labels, which people and systems write in any case. Everything else is an id. */
const LABELS: ReadonlySet<Field> = new Set(['code', 'category', 'severity', 'mediaType']);

/** What rules can ask about a violation; null where it is not known, which no condition meets. */
export type MatchableViolation = Readonly<Record<Exclude<Field, 'severity'>, string | null>> & {
  readonly severity: Severity;
};

/** The values that each field of a rule may have, as they are compared; a field that is not in it may be anything. */
export type Conditions = ReadonlyMap<Field, ReadonlySet<string>>;

/** The conditions of a rule. */
export function conditionsOf({ match }: ComplianceRule): Conditions {
  const { severityAtLeast, ...lists } = match;
  const given = severityAtLeast === undefined ? lists : { ...lists, severity: asBadAs(severityAtLeast) };
  return new Map(
    FIELDS.flatMap((field) => {
      const values = given[field];
      return values ? [[field, new Set(values.map((value) => compared(field, value)))] as const] : [];
    }),
  );
}

/** Makes the function that finds the rule for a violation: the first one that matches. */
export function ruleFinder({
  rules,
}: ComplianceRules): (violation: MatchableViolation) => ComplianceRule | undefined {
  const prepared = rules.map((rule) => ({ rule, conditions: [...conditionsOf(rule)] }));
  return (violation) => {
    const said = new Map(FIELDS.map((field) => [field, compared(field, violation[field] ?? '')]));
    return prepared.find(({ conditions }) =>
      conditions.every(([field, values]) => values.has(said.get(field) ?? '')),
    )?.rule;
  };
}

/** The worst first, as in the list itself. */
const asBadAs = (least: Severity): readonly Severity[] => SEVERITIES.slice(0, SEVERITIES.indexOf(least) + 1);

/** An umlaut may be one character or two, and is the same umlaut. */
const compared = (field: Field, value: string): string =>
  LABELS.has(field) ? value.normalize('NFC').toLowerCase() : value;
