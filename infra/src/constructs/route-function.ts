import type { Construct } from 'constructs';
import { ROUTES, type RouteName } from '../routing.ts';
import { busRule, type BusRule } from './bus-rule.ts';
import { dailyRule, type DailyMessage } from './daily-rule.ts';
import type { QueuePair } from './encrypted-queue.ts';
import { queueFunction, type QueueFunctionProps } from './queue-function.ts';
import type { Statement } from './statement.ts';

/** The most that a function gets at a time without a batching window. */
const BATCH_SIZE = 10;

/** The routes that end in a function. */
export type FunctionRoute = Exclude<RouteName, 'crm' | 'iceberg'>;

/** What a route is made of, for what else refers to it. */
export interface RouteParts extends QueuePair, Pick<BusRule, 'bus'> {}

/** What one consumer differs in from another. */
export interface RouteFunctionProps
  extends Pick<
    QueueFunctionProps,
    'names' | 'impact' | 'settings' | 'code' | 'windowSeconds' | 'waitsSeconds'
  > {
  readonly route: FunctionRoute;
  /** @default 10 */
  readonly batchSize?: number;
  /** What the queue gets besides facts. */
  readonly daily?: DailyMessage;
  readonly environment: (parts: RouteParts) => Readonly<Record<string, string>>;
  /** What the function may do beyond taking from its queue, sending to its dead-letter queue and writing its log. */
  readonly grants: (parts: RouteParts) => readonly Statement[];
}

/** A consumer of facts, whole: the rule of its route, its queue and dead-letter queue, its function and what feeds it. */
export function routeFunction(scope: Construct, props: RouteFunctionProps): void {
  const { route, daily, environment, grants, batchSize = BATCH_SIZE, ...same } = props;
  const { rule, bus } = busRule(scope, route, props.names);
  queueFunction(scope, {
    ...same,
    app: ROUTES[route].target,
    queue: route,
    batchSize,
    rules: {
      target: { rule, busName: bus.name, targetId: route },
      ...(daily && { daily_target: dailyRule(scope, route, props.names, daily) }),
    },
    environment: (queues) => environment({ ...queues, bus }),
    grants: (queues) => grants({ ...queues, bus }),
  });
}
