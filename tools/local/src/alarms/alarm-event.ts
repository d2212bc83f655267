import type { AlarmSpec } from './alarm-spec.ts';
import type { Evaluation, StateValue } from './evaluate-alarm.ts';
import type { Metric } from './metric-store.ts';

/** A state that an alarm has or had. */
export interface AlarmState extends Evaluation {
  readonly since: Date;
}

/** What CloudWatch puts on the default bus. */
export interface AlarmStateChange {
  readonly source: 'aws.cloudwatch';
  readonly detailType: 'CloudWatch Alarm State Change';
  readonly resources: readonly string[];
  readonly detail: object;
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html */
export function alarmStateChange(spec: AlarmSpec, before: AlarmState, after: AlarmState): AlarmStateChange {
  return {
    source: 'aws.cloudwatch',
    detailType: 'CloudWatch Alarm State Change',
    resources: [spec.arn],
    detail: {
      alarmName: spec.name,
      configuration: { description: spec.description, metrics: metricsOf(spec) },
      previousState: stateOf(spec, before),
      state: stateOf(spec, after),
    },
  };
}

function metricsOf({ metrics, periodMillis, statistic }: AlarmSpec): readonly object[] {
  const one = (metric: Metric, index: number) => ({
    id: `m${index + 1}`,
    metricStat: { metric, period: periodMillis / 1_000, stat: statistic },
    returnData: metrics.length === 1,
  });
  const sum = { id: 'sum', expression: 'SUM(METRICS())', returnData: true };
  return [...metrics.map(one), ...(metrics.length > 1 ? [sum] : [])];
}

function stateOf({ threshold, periodMillis, statistic }: AlarmSpec, state: AlarmState): object {
  const { state: value, reason, datapoints, since } = state;
  const data = {
    version: '1.0',
    queryDate: timestamp(since),
    statistic,
    period: periodMillis / 1_000,
    recentDatapoints: datapoints,
    threshold,
  };
  return { value, reason, reasonData: JSON.stringify(data), timestamp: timestamp(since) };
}

/** As CloudWatch writes it. */
const timestamp = (at: Date): string => at.toISOString().replace('Z', '+0000');

/** What an alarm says that nobody has looked at yet. */
export const unknownState = (since: Date): AlarmState => ({
  state: 'INSUFFICIENT_DATA' satisfies StateValue,
  reason: 'Unchecked: Initial alarm creation',
  datapoints: [],
  since,
});
