import { entryBytes, MAX_BATCH_BYTES, PermanentError, type QueueEntry } from '@aftercall/queue';
import {
  type Fact,
  messageGroupId,
  type OutcomeFact,
  readOutcomeFact,
  sendableText,
  sha256,
} from '@aftercall/schemas';
import { buildQaMessage } from './build-qa-message.ts';
import { buildRoutedFact } from './build-routed-fact.ts';
import { chooseTag, type RuleSet, routeViolations, type Routing } from './route-violations.ts';

/** The conversation to tag, and with what. */
export interface ExternalTag {
  readonly org: string;
  readonly conversationId: string;
  readonly tag: string;
}

/** `refused`: not before somebody has acted, which the error says; the violations do not wait for that. */
export type Tagged =
  | { readonly outcome: 'tagged' }
  | { readonly outcome: 'refused'; readonly reason: 'no-genesys-org' | 'tag-refused'; readonly error: Error };

/** What `routeFact` needs from the outside world. */
export interface RouteDeps {
  rules(): Promise<RuleSet>;
  /** Those that have a QA queue in this stage. */
  readonly teams: ReadonlySet<string>;
  /** Resolves once the team's QA queue holds the entry. */
  send(team: string, entry: QueueEntry): Promise<void>;
  publish(facts: readonly Fact[]): Promise<void>;
  /** Replaces the conversation's external tag in Genesys Cloud; rejects when it is to be tried again later. */
  setTag(tag: ExternalTag, remainingMillis: () => number): Promise<Tagged>;
  /** Until the invocation is stopped, in milliseconds. */
  remainingMillis(): number;
  readonly genesysAppUrl: string;
}

/** What became of one fact. */
export interface Routed {
  readonly fact: OutcomeFact;
  readonly teams: readonly string[];
  readonly unmatched: number;
  /** Undefined when no rule asked for a tag. */
  readonly tagged: Tagged | undefined;
}

/**
 * Puts the violations of one outcome into the QA queues of the teams they belong to, and then tags the conversation
 * where a rule says so. Repeating it repeats the same messages under the same deduplication ids, the same facts and
 * the same tag.
 *
 * @param body of an SQS message that EventBridge sent
 * @throws PermanentError for the dead-letter queue; anything else means: again later
 */
export async function routeFact(body: string, deps: RouteDeps): Promise<Routed> {
  const fact = factIn(body);
  if (fact.data.violation_details.length === 0) return { fact, teams: [], unmatched: 0, tagged: undefined };
  const rules = await deps.rules();
  const routings = routeViolations(fact, rules, deps.teams);
  // Every team is tried, so that one whose queue is out of order delays no other.
  const results = await Promise.allSettled(routings.map((routing) => tellTeam(fact, routing, deps)));
  const failures = results.flatMap((result): unknown[] =>
    result.status === 'rejected' ? [result.reason] : [],
  );
  if (failures.length > 0) throw toThrow(failures);
  const tagged = await tagConversation(fact, chooseTag(fact, rules), deps);
  return {
    fact,
    teams: routings.map(({ team }) => team),
    unmatched: routings.reduce((sum, { unmatched }) => sum + unmatched, 0),
    tagged,
  };
}

async function tagConversation(
  { org, subject }: OutcomeFact,
  tag: string | undefined,
  { setTag, remainingMillis }: RouteDeps,
): Promise<Tagged | undefined> {
  return tag === undefined ? undefined : setTag({ org, conversationId: subject, tag }, remainingMillis);
}

/** As long as a retry may reach one more team, the fact is not given up. */
const toThrow = (failures: readonly unknown[]): unknown =>
  failures.find((failure) => !(failure instanceof PermanentError)) ?? failures[0];

function factIn(body: string): OutcomeFact {
  const read = readOutcomeFact(body);
  if (read.outcome === 'refused') throw new PermanentError(read.reason, read.detail);
  const { received_at: receivedAt, violation_count: count, violation_details: details } = read.fact.data;
  if (Number.isNaN(Date.parse(receivedAt))) {
    throw new PermanentError('bad-schema', '/detail/data/received_at: is no time there is');
  }
  // The count brought it here: what it counted must be somewhere.
  if (count > 0 && details.length === 0) {
    throw new PermanentError(
      'bad-schema',
      '/detail/data/violation_details: is empty, violation_count is not 0',
    );
  }
  return read.fact;
}

async function tellTeam(fact: OutcomeFact, routing: Routing, deps: RouteDeps): Promise<void> {
  await deps.send(routing.team, qaEntry(fact, routing, deps.genesysAppUrl));
  await deps.publish([buildRoutedFact(fact, routing)]);
}

function qaEntry(fact: OutcomeFact, routing: Routing, genesysAppUrl: string): QueueEntry {
  const entry = {
    body: sendableText(JSON.stringify(buildQaMessage(fact, routing, genesysAppUrl))),
    groupId: messageGroupId(fact.org, fact.subject),
    deduplicationId: sha256(`${fact.id}\n${routing.team}`),
    attributes: {},
  };
  if (entryBytes(entry) <= MAX_BATCH_BYTES) return entry;
  throw new PermanentError('effect-refused', 'what there is to say is larger than a message of a QA queue');
}
