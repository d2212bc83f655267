import { isUnavailable } from '@aftercall/queue';
import { missingTeams, readComplianceRules, ruleFinder } from '@aftercall/schemas';
import type { Logger, Metrics } from '@aftercall/telemetry';
import type { RuleSet } from './route-violations.ts';
import type { RulesObject, RulesStore } from './rules-store.ts';

/** What `pollRules` needs from the outside world. */
export interface RulesDeps {
  readonly store: RulesStore;
  /** Those that have a QA queue in this stage. */
  readonly teams: ReadonlySet<string>;
  readonly pollSeconds: number;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'count'>;
  now(): Date;
}

/** What is known of the rule set and its object. */
interface State {
  /** The last good rule set. */
  readonly good: RuleSet | undefined;
  /** Of the object last read, good or bad. */
  readonly etag: string | undefined;
  /** Why the object last read is not in force, when it is not. */
  readonly fault: Fault | undefined;
}

interface Fault {
  readonly reason: 'invalid-rules' | 'no-rules';
  readonly errors: readonly string[];
}

const UNREAD: State = { good: undefined, etag: undefined, fault: undefined };

/** With no rules at all everything is everybody's, and due the next day. */
const NO_RULES: RuleSet = { findRule: () => undefined, defaultDueWithinSeconds: 86_400 };

/** Enough to mend a rule set by; a line of log has its limits. */
const MAX_LOGGED_ERRORS = 20;

/**
 * Makes the function that answers the rule set in force. It asks the store at most every `pollSeconds`, one read at a
 * time, and only when somebody wants the rules. The last good rule set stays through outages and bad ones; with none
 * that is good everything goes to the default queue, because a violation must reach somebody.
 * The function throws when the store cannot be asked and there is nothing to go by yet.
 */
export function pollRules(deps: RulesDeps): () => Promise<RuleSet> {
  let state = UNREAD;
  let dueAtMillis = -Infinity;
  let running: Promise<void> | undefined;

  async function poll(): Promise<void> {
    state = await next(state, deps);
    if (state.fault) deps.metrics.count('Rejected', 1, { Reason: state.fault.reason });
    dueAtMillis = deps.now().getTime() + deps.pollSeconds * 1000;
  }
  return async () => {
    if (deps.now().getTime() >= dueAtMillis) {
      await (running ??= poll().finally(() => void (running = undefined)));
    }
    return state.good ?? NO_RULES;
  };
}

async function next(state: State, deps: RulesDeps): Promise<State> {
  try {
    return await stateAfter(state, await deps.store.read(state.etag), deps);
  } catch (error) {
    if (state === UNREAD) throw error;
    deps.log.warn({ err: error }, 'the compliance rules could not be read; those in force stay');
    return state;
  }
}

async function stateAfter(state: State, object: RulesObject, deps: RulesDeps): Promise<State> {
  if (object.outcome === 'unchanged') return state;
  if (object.outcome === 'none') {
    return refuse(state, { ...state, etag: undefined, fault: noRules(object.reason) }, deps);
  }
  const { etag } = object;
  const judged = judge(object.text, deps.teams);
  if (judged.outcome === 'good') {
    deps.log.info({ result: 'accepted', etag, rules: judged.rules }, 'compliance rules');
    return { good: judged.ruleSet, etag, fault: undefined };
  }
  const good = state.good ?? (await lastGood(deps));
  return refuse(state, { good, etag, fault: { reason: 'invalid-rules', errors: judged.errors } }, deps);
}

const noRules = (reason: string): Fault => ({ reason: 'no-rules', errors: [reason] });

type Judged =
  | { readonly outcome: 'good'; readonly ruleSet: RuleSet; readonly rules: number }
  | { readonly outcome: 'bad'; readonly errors: readonly string[] };

function judge(text: string, teams: ReadonlySet<string>): Judged {
  const read = readComplianceRules(text);
  if (read.outcome === 'invalid') return { outcome: 'bad', errors: read.errors };
  const { rules } = read;
  const errors = missingTeams(rules, teams);
  if (errors.length > 0) return { outcome: 'bad', errors };
  const { defaultDueWithinSeconds } = rules;
  const ruleSet = { findRule: ruleFinder(rules), defaultDueWithinSeconds };
  return { outcome: 'good', ruleSet, rules: rules.rules.length };
}

/** A container that starts while a bad rule set is in place does as those do that have seen the good one. */
async function lastGood({ store, teams, log }: RulesDeps): Promise<RuleSet | undefined> {
  try {
    for await (const text of store.earlierVersions()) {
      const judged = judge(text, teams);
      if (judged.outcome === 'good') return judged.ruleSet;
    }
  } catch (error) {
    if (isUnavailable(error)) throw error;
    log.warn({ err: error }, 'the earlier versions of the compliance rules could not be read');
  }
  return undefined;
}

/** Says once what is wrong with an object. */
function refuse(
  before: State,
  after: State & { readonly fault: Fault },
  { log }: Pick<RulesDeps, 'log'>,
): State {
  const { good, etag, fault } = after;
  if (before.fault?.reason === fault.reason && before.etag === etag) return after;
  const errors = fault.errors.slice(0, MAX_LOGGED_ERRORS).join('; ');
  const inForce = good ? 'the last good rule set' : 'no rule: everything goes to the default queue';
  log.error({ result: 'refused', reason: fault.reason, etag, errors, inForce }, 'compliance rules');
  return after;
}
