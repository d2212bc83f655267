import { createMetrics } from '@aftercall/telemetry';
import { expect, test } from '@jest/globals';
import type { AlarmStateChange } from './alarm-event.ts';
import { alarmSpec } from './alarm-spec.ts';
import { createAlarms } from './play-alarms.ts';

const START = Date.parse('2026-11-30T12:00:00Z');

function setUp() {
  let millis = START;
  const told: AlarmStateChange[] = [];
  const said: string[] = [];
  const now = () => new Date(millis);
  const spec = alarmSpec({
    alarm_name: 'aftercall-local-dead-letters',
    alarm_description: 'Letters wait.',
    namespace: 'Aftercall',
    metric_name: 'DeadLettered',
    dimensions: { Function: 'dead-letters' },
    statistic: 'Sum',
    comparison_operator: 'GreaterThanOrEqualToThreshold',
    threshold: 1,
    period: 10,
    evaluation_periods: 1,
    treat_missing_data: 'notBreaching',
  });
  const alarms = createAlarms([spec], {
    now,
    announce: (change) => void told.push(change),
    print: (line) => void said.push(line),
  });
  const write = (line: string) => alarms.take(JSON.parse(line) as Record<string, unknown>);
  const metrics = createMetrics({ function: 'dead-letters', now, write });
  const after = (seconds: number) => {
    millis += seconds * 1_000;
    alarms.evaluate();
  };
  return { alarms, metrics, told, said, after };
}

test('what a function counts turns its alarm, once each way, and CloudWatch’s event says so', () => {
  const { metrics, told, said, after } = setUp();
  after(3);
  metrics.count('DeadLettered', 1, { Reason: 'conflict' });
  metrics.flush();
  after(8);
  expect(told).toHaveLength(1);
  // A line that was written before the period's end may be read after it.
  after(1);
  expect(told).toHaveLength(2);
  expect(told[1]).toEqual({
    source: 'aws.cloudwatch',
    detailType: 'CloudWatch Alarm State Change',
    resources: [expect.stringMatching(/^arn:aws:cloudwatch:.*:alarm:aftercall-local-dead-letters$/)],
    detail: {
      alarmName: 'aftercall-local-dead-letters',
      configuration: {
        description: 'Letters wait.',
        metrics: [
          {
            id: 'm1',
            metricStat: {
              metric: {
                namespace: 'Aftercall',
                name: 'DeadLettered',
                dimensions: { Function: 'dead-letters' },
              },
              period: 10,
              stat: 'Sum',
            },
            returnData: true,
          },
        ],
      },
      previousState: expect.objectContaining({ value: 'OK', timestamp: '2026-11-30T12:00:03.000+0000' }),
      state: {
        value: 'ALARM',
        reason: expect.stringContaining('1 out of the last 1 datapoints [1]'),
        reasonData: expect.stringContaining('"recentDatapoints":[1],"threshold":1'),
        timestamp: '2026-11-30T12:00:12.000+0000',
      },
    },
  });
  after(10);
  expect(told.at(-1)).toMatchObject({
    detail: { previousState: { value: 'ALARM' }, state: { value: 'OK' } },
  });
  expect(said).toEqual([
    'alarm aftercall-local-dead-letters ALARM: Letters wait.',
    'alarm aftercall-local-dead-letters OK: Letters wait.',
  ]);
});

test('another function’s count, and a line without metrics, turn nothing', () => {
  const { alarms, told, after } = setUp();
  alarms.take({ level: 'info', msg: 'dead letter' });
  alarms.note({ namespace: 'Aftercall', name: 'DeadLettered', dimensions: { Function: 'processor' } }, 1);
  after(12);
  expect(told).toEqual([
    expect.objectContaining({
      detail: expect.objectContaining({ state: expect.objectContaining({ value: 'OK' }) }),
    }),
  ]);
  expect(alarms.states()).toEqual([
    {
      name: 'aftercall-local-dead-letters',
      state: 'OK',
      reason: expect.any(String),
      since: '2026-11-30T12:00:12.000Z',
    },
  ]);
});
