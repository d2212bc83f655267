import { AppautoscalingScheduledAction } from '@cdktn/provider-aws/lib/appautoscaling-scheduled-action/index.js';
import { AppautoscalingTarget } from '@cdktn/provider-aws/lib/appautoscaling-target/index.js';
import { LambdaAlias } from '@cdktn/provider-aws/lib/lambda-alias/index.js';
import type { LambdaFunction } from '@cdktn/provider-aws/lib/lambda-function/index.js';
import type { Construct } from 'constructs';
import type { AppName } from '../app-stacks.ts';
import { names } from '../names.ts';
import type { WarmWindow } from '../platform-settings.ts';
import { stageOf } from './stage-of.ts';

/** What calls a function calls this name, so that environments can be kept ready behind it and a version be taken back. */
export const LIVE = 'live';

/** The name of the version in use, with environments ready in the windows that the stage names. */
export function liveAlias(scope: Construct, app: AppName, lambda: LambdaFunction): LambdaAlias {
  const stage = stageOf(scope);
  const alias = new LambdaAlias(scope, LIVE, {
    name: LIVE,
    description: 'The version in use.',
    functionName: lambda.functionName,
    functionVersion: lambda.version,
  });
  const window = stage.warm?.find((one) => one.app === app);
  if (window) keepWarm(scope, window, `function:${names(stage).function(app)}:${LIVE}`, alias);
  return alias;
}

/** Outside the window there are none, and nothing is paid for. */
function keepWarm(scope: Construct, window: WarmWindow, resourceId: string, alias: LambdaAlias): void {
  const { environments, from, until, timezone = 'UTC' } = window;
  const target = new AppautoscalingTarget(scope, 'warm', {
    serviceNamespace: 'lambda',
    scalableDimension: 'lambda:function:ProvisionedConcurrency',
    resourceId,
    minCapacity: 0,
    maxCapacity: environments,
    // The schedule sets both; an apply within the window must not undo it.
    lifecycle: { ignoreChanges: ['min_capacity', 'max_capacity'] },
    dependsOn: [alias],
  });
  const action = (name: string, schedule: string, capacity: number) =>
    new AppautoscalingScheduledAction(scope, `warm_${name}`, {
      name: `${name}`,
      serviceNamespace: target.serviceNamespace,
      scalableDimension: target.scalableDimension,
      resourceId: target.resourceId,
      schedule,
      timezone,
      scalableTargetAction: { minCapacity: String(capacity), maxCapacity: String(capacity) },
    });
  action('from', from, environments);
  action('until', until, 0);
}
