import type { AlarmSpec, Comparison } from './alarm-spec.ts';
import type { MetricStore } from './metric-store.ts';

/** As CloudWatch calls it. */
export type StateValue = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** What one look at an alarm's metrics says. */
export interface Evaluation {
  readonly state: StateValue;
  readonly reason: string;
  /** Of the periods in which something was measured, the latest first. */
  readonly datapoints: readonly number[];
}

/** When one looks, and what was before. */
export interface Look {
  readonly values: MetricStore['values'];
  readonly nowMillis: number;
  /** Since when anything is measured: what was before is not missing. */
  readonly sinceMillis: number;
  readonly before: StateValue;
}

interface Datapoint {
  /** `undefined`: nothing was measured. */
  readonly value: number | undefined;
  readonly isBreaching: boolean;
}

/**
 * Looks at the last whole periods.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function evaluateAlarm(spec: AlarmSpec, look: Look): Evaluation {
  const datapoints = lastPeriods(spec, look)
    .map(({ from, until }) => datapointOf(spec, look, from, until))
    .filter((datapoint) => datapoint !== undefined);
  const measured = datapoints.flatMap(({ value }) => value ?? []);
  const said = { datapoints: measured, reason: reasonOf(spec, datapoints) };
  if (datapoints.length === 0) {
    const state = spec.missing === 'ignore' ? look.before : 'INSUFFICIENT_DATA';
    return { ...said, state, reason: 'Insufficient Data: nothing was measured.' };
  }
  const breaching = datapoints.filter(({ isBreaching }) => isBreaching).length;
  return { ...said, state: breaching >= spec.periodsToAlarm ? 'ALARM' : 'OK' };
}

interface Period {
  readonly from: number;
  readonly until: number;
}

/** The latest first. Periods begin where the clock divides by them. */
function lastPeriods({ periodMillis, periods }: AlarmSpec, { nowMillis }: Look): readonly Period[] {
  const end = Math.floor(nowMillis / periodMillis) * periodMillis;
  return Array.from({ length: periods }, (_, index) => ({
    from: end - (index + 1) * periodMillis,
    until: end - index * periodMillis,
  }));
}

/** `undefined` when the period has no say. */
function datapointOf(spec: AlarmSpec, look: Look, from: number, until: number): Datapoint | undefined {
  const values = spec.metrics.flatMap((metric) => look.values(metric, from, until));
  if (values.length > 0) {
    const value = statisticOf(spec.statistic, values);
    return { value, isBreaching: breaches(value, spec.comparison, spec.threshold) };
  }
  if (spec.missing === 'ignore' || spec.missing === 'missing') return undefined;
  if (from < look.sinceMillis && spec.missing === 'breaching') return undefined;
  return { value: undefined, isBreaching: spec.missing === 'breaching' };
}

function statisticOf(statistic: string, values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  switch (statistic) {
    case 'Sum':
      return sum;
    case 'Average':
      return sum / values.length;
    case 'Minimum':
      return Math.min(...values);
    case 'Maximum':
      return Math.max(...values);
    case 'SampleCount':
      return values.length;
    default:
      return percentile(Number(/^p(\d+(?:\.\d+)?)$/.exec(statistic)?.[1]), values);
  }
}

function percentile(percent: number, values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

function breaches(value: number, comparison: Comparison, threshold: number): boolean {
  switch (comparison) {
    case 'GreaterThanOrEqualToThreshold':
      return value >= threshold;
    case 'GreaterThanThreshold':
      return value > threshold;
    case 'LessThanThreshold':
      return value < threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= threshold;
  }
}

function reasonOf({ comparison, threshold, periods }: AlarmSpec, datapoints: readonly Datapoint[]): string {
  const shown = datapoints.map(({ value }) => value ?? 'missing').join(', ');
  const breaching = datapoints.filter(({ isBreaching }) => isBreaching).length;
  return `Threshold Crossed: ${breaching} out of the last ${periods} datapoints [${shown}] breach ${comparison} (${threshold}).`;
}
