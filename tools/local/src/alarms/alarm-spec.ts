import { block, blocks, onlyKnown, optionalNumber, optionalText, text } from '../apply/arguments.ts';
import type { Arguments } from '../apply/read-stacks.ts';
import { arn } from '../aws/identity.ts';
import type { Metric } from './metric-store.ts';

/** An alarm as Terraform describes it. */
export interface AlarmSpec {
  readonly name: string;
  readonly arn: string;
  readonly description: string;
  /** Several are summed. */
  readonly metrics: readonly Metric[];
  /** `Sum`, `Maximum`, …, or a percentile such as `p99`. */
  readonly statistic: string;
  readonly comparison: Comparison;
  readonly threshold: number;
  readonly periodMillis: number;
  readonly periods: number;
  readonly periodsToAlarm: number;
  readonly missing: 'missing' | 'ignore' | 'breaching' | 'notBreaching';
}

/** How a value breaches a threshold, in CloudWatch's words. */
export type Comparison =
  | 'GreaterThanOrEqualToThreshold'
  | 'GreaterThanThreshold'
  | 'LessThanThreshold'
  | 'LessThanOrEqualToThreshold';

const KNOWN = [
  'alarm_name',
  'alarm_description',
  'alarm_actions',
  'ok_actions',
  'namespace',
  'metric_name',
  'metric_query',
  'dimensions',
  'statistic',
  'extended_statistic',
  'comparison_operator',
  'threshold',
  'period',
  'evaluation_periods',
  'datapoints_to_alarm',
  'treat_missing_data',
];

/** The one expression that is evaluated here. */
const SUM = 'SUM(METRICS())';

/**
 * Reads a block `aws_cloudwatch_metric_alarm`.
 *
 * @throws Error for what an evaluation here would pass over
 */
export function alarmSpec(args: Arguments): AlarmSpec {
  onlyKnown(args, KNOWN);
  const name = text(args, 'alarm_name');
  const periods = optionalNumber(args, 'evaluation_periods') ?? 1;
  return {
    name,
    arn: arn('cloudwatch', `alarm:${name}`),
    description: optionalText(args, 'alarm_description') ?? '',
    ...(args['metric_query'] === undefined ? singleMetric(args) : summedMetrics(args)),
    comparison: text(args, 'comparison_operator') as Comparison,
    threshold: optionalNumber(args, 'threshold') ?? 0,
    periods,
    periodsToAlarm: optionalNumber(args, 'datapoints_to_alarm') ?? periods,
    missing: (optionalText(args, 'treat_missing_data') ?? 'missing') as AlarmSpec['missing'],
  };
}

type Measured = Pick<AlarmSpec, 'metrics' | 'statistic' | 'periodMillis'>;

const singleMetric = (args: Arguments): Measured => ({
  metrics: [metricOf(args)],
  statistic: optionalText(args, 'extended_statistic') ?? text(args, 'statistic'),
  periodMillis: (optionalNumber(args, 'period') ?? 0) * 1_000,
});

function summedMetrics(args: Arguments): Measured {
  const queries = blocks(args, 'metric_query');
  const expressions = queries.flatMap((query) => optionalText(query, 'expression') ?? []);
  const metrics = queries
    .filter((query) => query['metric'] !== undefined)
    .map((query) => block(query, 'metric'));
  if (expressions.join() !== SUM || metrics.some((metric) => text(metric, 'stat') !== 'Sum'))
    throw new Error(`the local alarms know one metric, or ${SUM} of sums`);
  const periods = new Set(metrics.map((metric) => optionalNumber(metric, 'period') ?? 0));
  const [periodSeconds = 0] = periods;
  if (periods.size !== 1) throw new Error('the metrics of an alarm have one period');
  return { metrics: metrics.map(metricOf), statistic: 'Sum', periodMillis: periodSeconds * 1_000 };
}

const metricOf = (args: Arguments): Metric => ({
  namespace: text(args, 'namespace'),
  name: text(args, 'metric_name'),
  dimensions: Object.fromEntries(
    Object.entries(block(args, 'dimensions')).map(([key, value]) => [key, String(value)]),
  ),
});
