import { CloudwatchEventTarget } from '@cdktn/provider-aws/lib/cloudwatch-event-target/index.js';
import type { Construct } from 'constructs';
import type { AppPackage } from '../app-package.ts';
import type { Names } from '../names.ts';
import { ROUTES, type RouteName } from '../routing.ts';
import { VISIBILITY_PER_TIMEOUT, type ConsumerSettings } from '../stage.ts';
import { appFunction } from './app-function.ts';
import { busRule, RETRY_POLICY, type BusRule } from './bus-rule.ts';
import type { QueuePair } from './encrypted-queue.ts';
import { POLLING, queueSource } from './queue-source.ts';
import { standardQueue } from './standard-queue.ts';
import { allow, type Statement } from './statement.ts';

/** The most that a function gets at a time without a batching window. */
const BATCH_SIZE = 10;

/** The routes that end in a function. */
export type FunctionRoute = Exclude<RouteName, 'crm'>;

/** What a route is made of, for what else refers to it. */
export interface RouteParts extends QueuePair, Pick<BusRule, 'bus'> {}

/** What one consumer differs in from another. */
export interface RouteFunctionProps {
  readonly route: FunctionRoute;
  readonly names: Names;
  /** What stops working for whom when this function does, in one sentence. */
  readonly impact: string;
  readonly settings: ConsumerSettings;
  /** For a function that is cheaper with many messages at a time: how many, and how long to wait for them. */
  readonly window?: { readonly batchSize: number; readonly seconds: number };
  readonly environment: (parts: RouteParts) => Readonly<Record<string, string>>;
  /** What the function may do beyond taking from its queue, sending to its dead-letter queue and writing its log. */
  readonly grants: (parts: RouteParts) => readonly Statement[];
  readonly code: AppPackage;
}

/** A consumer of facts, whole: the rule of its route, its queue and dead-letter queue, its function and what feeds it. */
export function routeFunction(scope: Construct, props: RouteFunctionProps): void {
  const { route, names, impact, settings, window, code } = props;
  const parts = routeQueue(scope, props);
  const made = appFunction(scope, {
    app: ROUTES[route].target,
    names,
    impact,
    memoryMegabytes: settings.memoryMegabytes,
    timeoutSeconds: settings.timeoutSeconds,
    ...(settings.maximumConcurrency === 1 && { reservedConcurrency: 1 }),
    environment: props.environment(parts),
    grants: [...queueGrants(parts), ...props.grants(parts)],
    code,
  });
  queueSource(scope, 'queue_source', made, {
    queueArn: parts.queue.arn,
    batchSize: window?.batchSize ?? BATCH_SIZE,
    ...(window && { windowSeconds: window.seconds }),
    maximumConcurrency: settings.maximumConcurrency,
  });
}

function routeQueue(scope: Construct, { route, names, settings, window }: RouteFunctionProps): RouteParts {
  const { rule, bus } = busRule(scope, route, names);
  const queues = standardQueue(scope, {
    name: names.queue(route),
    deadLetterQueueName: names.deadLetterQueue(route),
    visibilitySeconds: VISIBILITY_PER_TIMEOUT * settings.timeoutSeconds + (window?.seconds ?? 0),
    ruleArn: rule.arn,
  });
  new CloudwatchEventTarget(scope, 'target', {
    rule: rule.name,
    eventBusName: bus.name,
    targetId: route,
    arn: queues.queue.arn,
    retryPolicy: RETRY_POLICY,
    deadLetterConfig: { arn: queues.deadLetterQueue.arn },
  });
  return { ...queues, bus };
}

const queueGrants = ({ queue, deadLetterQueue }: QueuePair): readonly Statement[] => [
  allow([...POLLING, 'sqs:ChangeMessageVisibility'], [queue.arn]),
  allow(['sqs:SendMessage'], [deadLetterQueue.arn]),
];
