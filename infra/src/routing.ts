import type { Fact, OutcomeRecorded } from '@aftercall/schemas';
import type { AppName } from './app-stacks.ts';

/** What EventBridge compares a field with: a value, or an operator such as `{ numeric: ['>', 0] }`. */
type Condition = string | number | boolean | null | Readonly<Record<string, unknown>>;

/** Facts of these types, perhaps with such content. */
interface FactContent {
  readonly 'detail-type': readonly Fact['type'][];
  readonly detail?: { readonly data: Readonly<Record<string, readonly Condition[]>> };
}

/** An event pattern on what a fact says, or on what it says in one of several ways. */
export type FactPattern = { readonly source: readonly ['aftercall', ...'aftercall.replay'[]] } & (
  | FactContent
  | { readonly $or: readonly FactContent[] }
);

/** Who is told of which facts. */
export interface Route {
  readonly facts: FactPattern;
  /** A function, through a queue of its own that bears the route's name; the CRM, through an API destination; or the warehouse, through Firehose. */
  readonly target: AppName | 'crm' | 'warehouse';
}

/**
 * All fan-out there is: who hears of which facts. The processor publishes and knows none of them.
 * A consumer more is a line more; its stack makes rule and queue from it.
 */
export const ROUTES = {
  lake: { facts: outcomes(), target: 'lake-writer' },
  compliance: { facts: outcomes({ violation_count: [{ numeric: ['>', 0] }] }), target: 'compliance-router' },
  transcript: {
    facts: either(outcomesContent({ has_transcript: [true] }), {
      'detail-type': ['aftercall.transcript.ready'],
    }),
    target: 'transcript-fetcher',
  },
  // They have no queue of their own to send a dead letter back to, so what is replayed comes by the bus; both know it by its id.
  crm: { facts: { ...outcomes(), source: ['aftercall', 'aftercall.replay'] }, target: 'crm' },
  /** Of very large tenants: through Firehose, see docs/lake.md. */
  iceberg: { facts: { ...outcomes(), source: ['aftercall', 'aftercall.replay'] }, target: 'warehouse' },
} as const satisfies Readonly<Record<string, Route>>;

/** The types of facts that a pattern is for. */
export const heardBy = (facts: FactPattern): readonly Fact['type'][] =>
  '$or' in facts ? facts.$or.flatMap((one) => one['detail-type']) : facts['detail-type'];

/** The name of one of them. */
export type RouteName = keyof typeof ROUTES;

/** What an outcome says, by field. */
type OutcomeContent = Readonly<Partial<Record<keyof OutcomeRecorded, readonly Condition[]>>>;

/** Every outcome, or those with such content. */
function outcomes(content?: OutcomeContent): FactPattern {
  return { source: ['aftercall'], ...outcomesContent(content) };
}

function outcomesContent(content?: OutcomeContent): FactContent {
  return { 'detail-type': ['aftercall.outcome.recorded'], ...(content && { detail: { data: content } }) };
}

/** One rule for both, so that a fact that is in both comes once. */
function either(...alternatives: readonly FactContent[]): FactPattern {
  return { source: ['aftercall'], $or: alternatives };
}
