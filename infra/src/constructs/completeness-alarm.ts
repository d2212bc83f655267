import type { Construct } from 'constructs';
import { alarm, functionMetric } from './alarm.ts';
import { stageOf } from './stage-of.ts';

/** Watches the share of a day's conversations that somebody told us of. Counted once a day, and true until it is counted again. */
export function completenessAlarm(scope: Construct): void {
  const { observability } = stageOf(scope);
  if (!observability) return;
  const { completenessPercent, periodSeconds } = observability;
  alarm(scope, {
    runbook: 'completeness',
    meaning: `Nobody told us of more than ${100 - completenessPercent} % of a day’s conversations; the backfill has fetched what it could.`,
    metrics: [functionMetric('backfill', 'Completeness')],
    statistic: 'Minimum',
    is: 'below',
    threshold: completenessPercent,
    periodSeconds,
    missing: 'ignore',
  });
}
