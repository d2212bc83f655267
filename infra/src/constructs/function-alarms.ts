import type { Construct } from 'constructs';
import { names } from '../names.ts';
import { alarm, functionMetric } from './alarm.ts';
import type { AppFunctionProps } from './app-function.ts';
import { stageOf } from './stage-of.ts';

/** Of what happens now and then by itself, so often in the periods of an alarm is too often. */
const TOO_OFTEN = 3;

/** Longer than an open circuit holds a message at most, so that each one that waits is counted in each of the alarm's periods. */
const PERIODS_OF_A_HOLD = 5;

/** Watches a function for what its environment says it may meet: failures, circuits, Genesys Cloud's tokens. */
export function functionAlarms(
  scope: Construct,
  { app, impact, environment }: Pick<AppFunctionProps, 'app' | 'impact' | 'environment'>,
): void {
  const stage = stageOf(scope);
  if (!stage.observability) return;
  const periodSeconds = PERIODS_OF_A_HOLD * stage.observability.periodSeconds;
  const common = {
    of: app,
    statistic: 'Sum',
    is: 'at least',
    periodSeconds,
    missing: 'notBreaching',
  } as const;
  alarm(scope, {
    ...common,
    runbook: 'server-errors',
    meaning: `Function ${app} fails again and again. ${impact}`,
    metrics: [
      { namespace: 'AWS/Lambda', name: 'Errors', dimensions: { FunctionName: names(stage).function(app) } },
    ],
    threshold: TOO_OFTEN,
  });
  if (environment['CIRCUITS_PARAMETER'] !== undefined)
    alarm(scope, {
      ...common,
      runbook: 'circuit-open',
      meaning: `Function ${app} holds messages, because what they need is down or a person has opened its circuit. ${impact}`,
      // And not CircuitState, which says only what one container has noticed by itself.
      metrics: [functionMetric(app, 'Held')],
      threshold: 1,
    });
  if (environment['GENESYS_ORGS'] !== undefined)
    alarm(scope, {
      ...common,
      runbook: 'token-failures',
      meaning: `Function ${app} gets no access token from Genesys Cloud. ${impact}`,
      metrics: ['refused', 'unavailable'].map((Reason) => functionMetric(app, 'TokenRequests', { Reason })),
      threshold: TOO_OFTEN,
    });
}
