import {
  type ComplianceRule,
  type MatchableViolation,
  type OutcomeFact,
  type RoutedViolation,
  sendableText,
  SEVERITIES,
} from '@aftercall/schemas';

/** Takes what no rule matches, and whatever has no other queue in this stage. */
export const DEFAULT_TEAM = 'default';

/** Half of what a message may be; the rest is for the ids around the list. */
const MAX_LISTED_BYTES = 512 * 1024;

type Violation = OutcomeFact['data']['violation_details'][number];

/** What decides about a violation. */
export interface RuleSet {
  /** The first rule that matches. */
  findRule(violation: MatchableViolation): ComplianceRule | undefined;
  readonly defaultDueWithinSeconds: number;
}

/** The violations of one outcome that are one team's. */
export interface Routing {
  readonly team: string;
  readonly severity: RoutedViolation['severity'];
  readonly dueAt: string;
  readonly violationCount: number;
  /** How many of them no rule matched. */
  readonly unmatched: number;
  readonly violations: readonly RoutedViolation[];
}

/**
 * Gives every violation of an outcome to exactly one team. A pure function of fact, rules and teams: due times are
 * counted from when the outcome was received, so that repeating the work repeats them.
 */
export function routeViolations(
  { data }: OutcomeFact,
  rules: RuleSet,
  teams: ReadonlySet<string>,
): readonly Routing[] {
  const assigned = data.violation_details.map((violation) => assign(violation, data, rules));
  const byTeam = Map.groupBy(assigned, ({ team }) => (teams.has(team) ? team : DEFAULT_TEAM));
  return [...byTeam].map(([team, own]) =>
    toRouting(
      team,
      own.map(({ violation }) => violation),
    ),
  );
}

/**
 * What the conversation's external tag becomes: the tag of the rule of its worst violation that has one, of equal ones
 * the earliest in the call. Undefined when no rule that matched has a tag.
 */
export function chooseTag({ data }: OutcomeFact, rules: RuleSet): string | undefined {
  const tagged = data.violation_details
    .map((violation) => assign(violation, data, rules))
    .filter(({ tag }) => tag !== undefined);
  return tagged.toSorted((one, other) => worstFirst(one.violation, other.violation))[0]?.tag;
}

function assign(violation: Violation, data: OutcomeFact['data'], rules: RuleSet) {
  const { code, category, severity, offset_ms: offset } = violation;
  const { queue_id: queueId, agent_id: agentId, media_type: mediaType, source } = data;
  const rule = rules.findRule({ code, category, severity, queueId, agentId, mediaType, source });
  const dueWithinSeconds = rule?.route.dueWithinSeconds ?? rules.defaultDueWithinSeconds;
  const routed: RoutedViolation = {
    code,
    category,
    severity: rule?.route.severity ?? severity,
    offsetMs: placeInCall(offset),
    dueAt: new Date(Date.parse(data.received_at) + dueWithinSeconds * 1000).toISOString(),
    rule: rule?.name ?? null,
  };
  return { team: rule?.route.team ?? DEFAULT_TEAM, tag: rule?.tag, violation: routed };
}

/** Nothing happens before a call begins: a place that is none is not known. */
function placeInCall(offset: number | null): number | null {
  if (offset === null || offset < 0) return null;
  const whole = Math.round(offset);
  return Number.isSafeInteger(whole) ? whole : null;
}

function toRouting(team: string, own: readonly RoutedViolation[]): Routing {
  const violations = own.toSorted(worstFirst);
  return {
    team,
    severity: violations[0]?.severity ?? 'unknown',
    dueAt: violations.map(({ dueAt }) => dueAt).reduce((first, dueAt) => (dueAt < first ? dueAt : first)),
    violationCount: violations.length,
    unmatched: violations.filter(({ rule }) => rule === null).length,
    violations: fitting(violations),
  };
}

/** Then in the order of the call; what happened nobody knows when comes last. */
const worstFirst = (one: RoutedViolation, other: RoutedViolation): number =>
  SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity) ||
  (one.offsetMs ?? Infinity) - (other.offsetMs ?? Infinity) ||
  0;

/** A message that its queue refuses would tell nobody anything: rather the worst half of a list of thousands. */
function fitting(violations: readonly RoutedViolation[]): readonly RoutedViolation[] {
  let listed = violations;
  while (listed.length > 1 && Buffer.byteLength(sendableText(JSON.stringify(listed))) > MAX_LISTED_BYTES) {
    listed = listed.slice(0, Math.ceil(listed.length / 2));
  }
  return listed;
}
