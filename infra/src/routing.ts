import type { Fact, OutcomeRecorded } from '@aftercall/schemas';
import type { AppName } from './app-stacks.ts';

/** What EventBridge compares a field with: a value, or an operator such as `{ numeric: ['>', 0] }`. */
type Condition = string | number | boolean | null | Readonly<Record<string, unknown>>;

/** An event pattern on what a fact says. */
export interface FactPattern {
  readonly source: readonly ['aftercall'];
  readonly 'detail-type': readonly Fact['type'][];
  readonly detail?: { readonly data: Readonly<Record<string, readonly Condition[]>> };
}

/** Who is told of which facts. */
export interface Route {
  readonly facts: FactPattern;
  /** A function, through a queue of its own that bears the route's name; or the CRM, through an API destination. */
  readonly target: AppName | 'crm';
}

/**
 * All fan-out there is: who hears of which facts. The processor publishes and knows none of them.
 * A consumer more is a line more; its stack makes rule and queue from it.
 */
export const ROUTES = {
  lake: { facts: outcomes(), target: 'lake-writer' },
  compliance: { facts: outcomes({ violation_count: [{ numeric: ['>', 0] }] }), target: 'compliance-router' },
  crm: { facts: outcomes(), target: 'crm' },
} as const satisfies Readonly<Record<string, Route>>;

/** The name of one of them. */
export type RouteName = keyof typeof ROUTES;

/** Every outcome, or those with such content. */
function outcomes(
  content?: Readonly<Partial<Record<keyof OutcomeRecorded, readonly Condition[]>>>,
): FactPattern {
  return {
    source: ['aftercall'],
    'detail-type': ['aftercall.outcome.recorded'],
    ...(content && { detail: { data: content } }),
  };
}
