import type { Construct } from 'constructs';
import { alarm, functionMetric } from '../constructs/alarm.ts';
import { alarmsTopic } from '../constructs/alarms-topic.ts';
import type { ObservabilitySettings } from '../observability-settings.ts';

/** What is watched. */
export interface ObservabilityProps {
  readonly observability: ObservabilitySettings;
}

/** Where alarms go, and those that are no single stack's own. */
export function observability(scope: Construct, { observability }: ObservabilityProps): void {
  alarmsTopic(scope, observability);
  deadLetters(scope, observability);
}

/** Counted when a letter is kept, so that whoever looks finds it. One a period is one state change: more letters are no second one. */
function deadLetters(scope: Construct, { periodSeconds }: ObservabilitySettings): void {
  alarm(scope, {
    runbook: 'dead-letters',
    meaning:
      'Messages that could not be processed were set aside and wait for a decision; nothing is lost for 45 days.',
    metric: functionMetric('dead-letters', 'DeadLettered'),
    statistic: 'Sum',
    is: 'at least',
    threshold: 1,
    periodSeconds,
    missing: 'notBreaching',
  });
}
