import { describe, expect, test } from '@jest/globals';
import { alarmSpec } from './alarm-spec.ts';
import { evaluateAlarm } from './evaluate-alarm.ts';
import type { StateValue } from './evaluate-alarm.ts';
import { createMetricStore } from './metric-store.ts';

const METRIC = { namespace: 'Aftercall', name: 'DeadLettered', dimensions: { Function: 'dead-letters' } };
/** A whole minute. */
const NOON = Date.parse('2026-11-30T12:00:00Z');
const MINUTE = 60_000;

const block = (more: object = {}) => ({
  alarm_name: 'aftercall-local-dead-letters',
  namespace: METRIC.namespace,
  metric_name: METRIC.name,
  dimensions: METRIC.dimensions,
  statistic: 'Sum',
  comparison_operator: 'GreaterThanOrEqualToThreshold',
  threshold: 3,
  period: 60,
  evaluation_periods: 1,
  treat_missing_data: 'notBreaching',
  ...more,
});

/** What is said at noon when so much was measured so many seconds before it. */
function atNoon(
  measured: readonly (readonly [secondsAgo: number, ...values: readonly number[]])[],
  more: object = {},
  { before = 'OK', upFor = 3_600_000 }: { readonly before?: StateValue; readonly upFor?: number } = {},
) {
  const store = createMetricStore([{ metric: METRIC, windowMillis: 10 * MINUTE }]);
  for (const [secondsAgo, ...values] of measured) store.put(METRIC, values, NOON - secondsAgo * 1_000);
  const look = { values: store.values, nowMillis: NOON, sinceMillis: NOON - upFor, before };
  return evaluateAlarm(alarmSpec(block(more)), look);
}

describe('a threshold', () => {
  test('is held against the last whole period and nothing else', () => {
    expect(atNoon([[61, 3]]).state).toBe('OK');
    expect(atNoon([[60, 3]]).state).toBe('ALARM');
    expect(atNoon([[0, 3]]).state).toBe('OK');
  });

  test('is met by the sum over all lines, not by each of them', () => {
    expect(
      atNoon([
        [10, 1],
        [20, 1],
      ]).state,
    ).toBe('OK');
    expect(
      atNoon([
        [10, 1],
        [20, 2],
      ]),
    ).toMatchObject({ state: 'ALARM', datapoints: [3] });
  });

  test.each([
    ['Maximum', 'ALARM'],
    ['Minimum', 'OK'],
    ['Average', 'OK'],
    ['SampleCount', 'ALARM'],
    ['p50', 'OK'],
    ['p99', 'ALARM'],
  ])('on %s of 1, 2 and 3 says what CloudWatch would', (statistic, state) => {
    const which = statistic.startsWith('p')
      ? { statistic: undefined, extended_statistic: statistic }
      : { statistic };
    expect(atNoon([[10, 1, 2, 3]], which).state).toBe(state);
  });

  test.each([
    ['GreaterThanThreshold', 'OK'],
    ['GreaterThanOrEqualToThreshold', 'ALARM'],
    ['LessThanThreshold', 'OK'],
    ['LessThanOrEqualToThreshold', 'ALARM'],
  ])('that is just reached, with %s, is %s', (comparison_operator, state) => {
    expect(atNoon([[10, 3]], { comparison_operator }).state).toBe(state);
  });
});

describe('several periods', () => {
  test('must all breach, unless fewer are asked for', () => {
    const measured = [
      [10, 5],
      [130, 5],
    ] as const;
    expect(atNoon(measured, { evaluation_periods: 3 }).state).toBe('OK');
    expect(atNoon(measured, { evaluation_periods: 3, datapoints_to_alarm: 2 }).state).toBe('ALARM');
    expect(atNoon([...measured, [70, 5]], { evaluation_periods: 3 }).state).toBe('ALARM');
  });
});

describe('a period in which nothing was measured', () => {
  test.each([
    ['notBreaching', 'ALARM', 'OK'],
    ['breaching', 'OK', 'ALARM'],
    ['ignore', 'ALARM', 'ALARM'],
    ['ignore', 'OK', 'OK'],
    ['missing', 'OK', 'INSUFFICIENT_DATA'],
  ] as const)('that is %s turns %s into %s', (treat_missing_data, before, after) => {
    expect(atNoon([], { treat_missing_data }, { before }).state).toBe(after);
  });

  test('does not speak of silence before there was anything to hear', () => {
    const silence = { treat_missing_data: 'breaching', evaluation_periods: 2 };
    const justStarted = { before: 'INSUFFICIENT_DATA', upFor: MINUTE } as const;
    expect(atNoon([], silence, justStarted).state).toBe('OK');
    expect(atNoon([], silence, { ...justStarted, upFor: 2 * MINUTE }).state).toBe('ALARM');
  });
});

describe('several metrics', () => {
  const metric = (Reason: string, stat = 'Sum') => ({
    id: Reason,
    metric: [
      { ...{ namespace: 'Aftercall', metric_name: 'Rejected', period: 60, stat }, dimensions: { Reason } },
    ],
  });
  const summed = (...queries: readonly object[]) => {
    const {
      namespace: _,
      metric_name: __,
      dimensions: ___,
      statistic: ____,
      period: _____,
      ...rest
    } = block();
    return {
      ...rest,
      metric_query: [...queries, { id: 'sum', expression: 'SUM(METRICS())', return_data: true }],
    };
  };

  test('are summed', () => {
    const spec = alarmSpec(summed(metric('a'), metric('b')));
    const store = createMetricStore(spec.metrics.map((one) => ({ metric: one, windowMillis: MINUTE })));
    for (const one of spec.metrics) store.put(one, [2], NOON - 1);
    const look = { values: store.values, nowMillis: NOON, sinceMillis: 0, before: 'OK' } as const;
    expect(evaluateAlarm(spec, look)).toMatchObject({ state: 'ALARM', datapoints: [4] });
  });

  test('that are no sums, or are put together otherwise, are refused', () => {
    expect(() => alarmSpec(summed(metric('a', 'Maximum')))).toThrow('SUM(METRICS()) of sums');
    expect(() =>
      alarmSpec({ ...summed(metric('a')), metric_query: [{ id: 'x', expression: 'm1/m2' }] }),
    ).toThrow('SUM(METRICS()) of sums');
  });
});

test('an argument that would be passed over in silence is refused', () => {
  expect(() => alarmSpec(block({ evaluate_low_sample_count_percentiles: 'ignore' }))).toThrow(
    'does not know evaluate_low_sample_count_percentiles',
  );
});
