import type { MetricName } from '@aftercall/telemetry';
import { CloudwatchMetricAlarm } from '@cdktn/provider-aws/lib/cloudwatch-metric-alarm/index.js';
import { DataAwsSnsTopic } from '@cdktn/provider-aws/lib/data-aws-sns-topic/index.js';
import { SnsTopic } from '@cdktn/provider-aws/lib/sns-topic/index.js';
import { TerraformStack } from 'cdktn';
import type { Construct } from 'constructs';
import { names } from '../names.ts';
import { stageOf } from './stage-of.ts';

/** One topic in a stack, made or looked up. */
export const ALARMS_TOPIC_ID = 'alarms';

/** The pages of `docs/runbooks`: an alarm without one helps nobody. */
export type Runbook =
  | 'dead-letters'
  | 'queue-age'
  | 'acknowledgement'
  | 'server-errors'
  | 'verification-failures'
  | 'silence'
  | 'circuit-open'
  | 'token-failures'
  | 'lake-lag'
  | 'completeness'
  | 'cost';

/** One series that CloudWatch has. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/**
 * What a function counts, as @aftercall/telemetry writes it.
 * @param app as the function calls itself
 * @param dimension at most one besides the function: their product is not written
 */
export const functionMetric = (
  app: string,
  name: MetricName,
  dimension: Readonly<Record<string, string>> = {},
): Metric => ({ namespace: 'Aftercall', name, dimensions: { Function: app, ...dimension } });

const COMPARISONS = {
  'at least': 'GreaterThanOrEqualToThreshold',
  above: 'GreaterThanThreshold',
  below: 'LessThanThreshold',
} as const;

/** What one alarm differs in from another. */
export interface AlarmProps {
  readonly runbook: Runbook;
  /** Which of several with one page; part of its name. */
  readonly of?: string;
  /** What it says of whom, in a sentence or two: the first thing that a person who is woken up reads. */
  readonly meaning: string;
  /** Several are summed. */
  readonly metrics: readonly Metric[];
  readonly statistic: 'Sum' | 'Maximum' | 'Minimum' | `p${number}`;
  readonly is: keyof typeof COMPARISONS;
  readonly threshold: number;
  readonly periodSeconds: number;
  /** So many in a row. @default 1 */
  readonly periods?: number;
  /** What a period says in which nothing was measured; `ignore`: what the one before said. */
  readonly missing: 'notBreaching' | 'breaching' | 'ignore';
}

/** Tells the stage's topic when something is wrong, and when it no longer is. Nothing on a stage that is not watched. */
export function alarm(scope: Construct, props: AlarmProps): void {
  const stage = stageOf(scope);
  if (!stage.observability) return;
  const { runbook, of, meaning, is, threshold, periods = 1, missing } = props;
  const name = of === undefined ? runbook : `${runbook}-${of}`;
  const topicArn = alarmsTopicArn(scope);
  new CloudwatchMetricAlarm(scope, `alarm_${name.replaceAll(/[^a-z0-9]/g, '_')}`, {
    alarmName: names(stage).alarm(name),
    alarmDescription: `${meaning} What to do: ${stage.observability.runbooksUrl}/${runbook}.md`,
    ...measured(props),
    comparisonOperator: COMPARISONS[is],
    threshold,
    evaluationPeriods: periods,
    treatMissingData: missing,
    alarmActions: [topicArn],
    okActions: [topicArn],
  });
}

function measured({ metrics, statistic, periodSeconds }: AlarmProps) {
  const [metric, ...more] = metrics;
  if (metric === undefined || more.length > 0) return { metricQuery: summed(metrics, periodSeconds) };
  return {
    namespace: metric.namespace,
    metricName: metric.name,
    dimensions: metric.dimensions,
    ...(statistic.startsWith('p') ? { extendedStatistic: statistic } : { statistic }),
    period: periodSeconds,
  };
}

const summed = (metrics: readonly Metric[], period: number) => [
  ...metrics.map(({ namespace, name, dimensions }, index) => ({
    id: `m${index + 1}`,
    metric: { namespace, metricName: name, dimensions, period, stat: 'Sum' },
  })),
  { id: 'sum', expression: 'SUM(METRICS())', label: 'all', returnData: true },
];

function alarmsTopicArn(scope: Construct): string {
  const stack = TerraformStack.of(scope);
  const made = stack.node.tryFindChild(ALARMS_TOPIC_ID);
  if (made instanceof SnsTopic || made instanceof DataAwsSnsTopic) return made.arn;
  return new DataAwsSnsTopic(stack, ALARMS_TOPIC_ID, { name: names(stageOf(scope)).alarmsTopic }).arn;
}
