import type { Construct } from 'constructs';
import { alarm, functionMetric } from './alarm.ts';
import { stageOf } from './stage-of.ts';

/** Watches how old an outcome is when the lake has it; while nothing is written at all, the age of the queue says so. */
export function lakeLagAlarm(scope: Construct): void {
  const { observability } = stageOf(scope);
  if (!observability) return;
  const { lakeLagSeconds, periodSeconds } = observability;
  alarm(scope, {
    runbook: 'lake-lag',
    meaning: `Outcomes reach the lake more than ${lakeLagSeconds} seconds after they were received: reports on it are behind.`,
    metrics: [functionMetric('lake-writer', 'EndToEndLatency')],
    statistic: 'Maximum',
    is: 'above',
    threshold: lakeLagSeconds * 1_000,
    periodSeconds,
    missing: 'notBreaching',
  });
}
