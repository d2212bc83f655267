import { CloudwatchEventRule } from '@cdktn/provider-aws/lib/cloudwatch-event-rule/index.js';
import { DataAwsCloudwatchEventBus } from '@cdktn/provider-aws/lib/data-aws-cloudwatch-event-bus/index.js';
import type { Construct } from 'constructs';
import type { Names } from '../names.ts';
import { ROUTES, type RouteName } from '../routing.ts';

/** A route's rule, and the bus that it listens to. */
export interface BusRule {
  readonly rule: CloudwatchEventRule;
  readonly bus: DataAwsCloudwatchEventBus;
}

/** Makes the rule that a route says. */
export function busRule(scope: Construct, route: RouteName, names: Names): BusRule {
  const bus = new DataAwsCloudwatchEventBus(scope, 'bus', { name: names.bus });
  const rule = new CloudwatchEventRule(scope, 'rule', {
    name: names.rule(route),
    description: `Tells ${ROUTES[route].target} of the facts that infra/src/routing.ts names.`,
    eventBusName: bus.name,
    eventPattern: JSON.stringify(ROUTES[route].facts),
  });
  return { rule, bus };
}
