import type { Construct } from 'constructs';
import { alarm, functionMetric } from '../constructs/alarm.ts';
import { alarmsTopic } from '../constructs/alarms-topic.ts';
import { budget } from '../constructs/budget.ts';
import { configRules } from '../constructs/config-rules.ts';
import { dashboard } from '../constructs/dashboard.ts';
import type { ObservabilitySettings } from '../observability-settings.ts';

const DAY_SECONDS = 86_400;

/** What is watched. */
export interface ObservabilityProps {
  readonly observability: ObservabilitySettings;
}

/** Where alarms go, those that are no single stack's own, and what else keeps an eye on the whole of a stage. */
export function observability(scope: Construct, { observability }: ObservabilityProps): void {
  const { arn: topicArn } = alarmsTopic(scope, observability);
  deadLetters(scope, observability);
  volume(scope, observability);
  dashboard(scope);
  const { monthlyDollars, configRules: isWatchedByConfig } = observability;
  if (monthlyDollars !== undefined) budget(scope, { topicArn, monthlyDollars });
  if (isWatchedByConfig) configRules(scope);
}

/** Counted when a letter is kept, so that whoever looks finds it. One a period is one state change: more letters are no second one. */
function deadLetters(scope: Construct, { periodSeconds }: ObservabilitySettings): void {
  alarm(scope, {
    runbook: 'dead-letters',
    meaning:
      'Messages that could not be processed were set aside and wait for a decision; nothing is lost for 45 days.',
    metrics: [functionMetric('dead-letters', 'DeadLettered')],
    statistic: 'Sum',
    is: 'at least',
    threshold: 1,
    periodSeconds,
    missing: 'notBreaching',
  });
}

/** What costs grow with, known the same day and in every region; the bill comes later. */
function volume(scope: Construct, { eventsPerDay }: ObservabilitySettings): void {
  alarm(scope, {
    runbook: 'cost',
    meaning: `More than ${eventsPerDay} events were accepted in a day, for which the stage was not planned: it will cost more.`,
    metrics: ['ingest', 'partner-ingest'].map((app) => functionMetric(app, 'Accepted')),
    statistic: 'Sum',
    is: 'above',
    threshold: eventsPerDay,
    periodSeconds: DAY_SECONDS,
    missing: 'notBreaching',
  });
}
