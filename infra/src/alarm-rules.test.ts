import { describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { names } from './names.ts';
import { stageNamed } from './stages.ts';
import { APP_NAMES } from './synth.ts';
import { environmentOf, resources, synthesisedStacks, type Block } from './synthesised-stacks.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');
const RUNBOOKS = join(REPOSITORY, 'docs/runbooks');

const dev = stageNamed('dev');
const stacks = synthesisedStacks('dev');
const blocksOf = (type: string): readonly Block[] =>
  Object.values(stacks).flatMap((stack) => Object.values(resources(stack, type)));

const alarms = blocksOf('aws_cloudwatch_metric_alarm');
const alarmNames = alarms.map(({ alarm_name }) => String(alarm_name).replace('aftercall-dev-', ''));

interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** What an alarm looks at: one metric, or several in a sum. */
function metricsOf(alarm: Block): readonly Metric[] {
  const queries = (alarm.metric_query ?? []) as readonly { readonly metric?: Block }[];
  const summed = queries.flatMap(({ metric }): readonly Block[] => (metric ? [metric] : []));
  const looked: readonly Block[] = summed.length > 0 ? summed : [alarm];
  return looked.map(({ namespace, metric_name, dimensions }) => ({
    namespace: String(namespace),
    name: String(metric_name),
    dimensions: dimensions as Metric['dimensions'],
  }));
}

const sourceOf = (folder: string): string =>
  readdirSync(join(REPOSITORY, folder))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => readFileSync(join(REPOSITORY, folder, file), 'utf8'))
    .join('\n');

/** The metrics that an app writes, each with the dimensions it gives, by the calls in its source and in that of the circuits it has. */
function emittedBy(
  app: string,
): readonly { readonly name: string; readonly dimensions: readonly string[] }[] {
  const own = sourceOf(`apps/${app}/src`);
  const source = own.includes('@aftercall/circuit-breaker')
    ? own + sourceOf('libs/circuit-breaker/src')
    : own;
  return [...source.matchAll(/\.(?:count|millis|percent|least)\(([^;]*)/g)].flatMap(([, call = '']) => {
    const dimensions = [...call.matchAll(/\b(Source|Reason|Queue|Downstream)\b/g)].map(
      ([dimension]) => dimension,
    );
    return [...call.matchAll(/'([A-Z]\w+)'/g)].map(([, name = '']) => ({ name, dimensions }));
  });
}

/** Whether some app writes such a metric. */
function isEmitted({ name, dimensions: { Function: app = '', ...more } }: Metric): boolean {
  if (!existsSync(join(REPOSITORY, 'apps', app))) return false;
  return emittedBy(app).some(
    (one) => one.name === name && Object.keys(more).every((dimension) => one.dimensions.includes(dimension)),
  );
}

describe.each(alarms.map((alarm) => [String(alarm.alarm_name), alarm] as const))(
  'the alarm %s',
  (_, alarm) => {
    test('says what it means, and links to a runbook that is there', () => {
      const [, meaning, link = ''] = /^(.*\.) What to do: (\S+)$/.exec(String(alarm.alarm_description)) ?? [];
      expect(meaning).toMatch(/^[A-Z].{20,}\.$/);
      expect(link.startsWith(`${dev.observability?.runbooksUrl}/`)).toBe(true);
      expect(existsSync(join(RUNBOOKS, link.split('/').at(-1) ?? ''))).toBe(true);
    });

    test('tells the stage’s topic when something is wrong and when it no longer is', () => {
      expect(alarm.alarm_actions).toEqual([
        expect.stringMatching(/^\$\{(data\.)?aws_sns_topic\.alarms\.arn\}$/),
      ]);
      expect(alarm.ok_actions).toEqual(alarm.alarm_actions);
    });

    test('looks at what some app writes, or at what AWS measures of something that is there', () => {
      const measuredByAws: Readonly<Record<string, readonly unknown[]>> = {
        'AWS/Lambda Errors': blocksOf('aws_lambda_function').map((one) => one.function_name),
        'AWS/SQS ApproximateAgeOfOldestMessage': blocksOf('aws_sqs_queue').map(({ name }) => name),
        'AWS/ApiGateway 5xx': ['${aws_apigatewayv2_api.webhooks.id}'],
      };
      for (const metric of metricsOf(alarm)) {
        if (metric.namespace === 'Aftercall') expect([metric, isEmitted(metric)]).toEqual([metric, true]);
        else
          expect(measuredByAws[`${metric.namespace} ${metric.name}`]).toEqual(
            expect.arrayContaining(Object.values(metric.dimensions)),
          );
      }
    });

    test('fits into the names and texts that CloudWatch takes', () => {
      expect(String(alarm.alarm_name).length).toBeLessThanOrEqual(255);
      expect(String(alarm.alarm_description).length).toBeLessThanOrEqual(1_024);
      const window = Number(alarm.period ?? 60) * Number(alarm.evaluation_periods);
      expect(window).toBeLessThanOrEqual(Number(alarm.period ?? 60) < 3_600 ? 86_400 : 7 * 86_400);
    });
  },
);

test('each kind of alarm that was asked for is there, and each runbook is of one', () => {
  const pages = readdirSync(RUNBOOKS).map((file) => file.replace(/\.md$/, ''));
  expect(pages.toSorted()).toEqual([
    ...['acknowledgement', 'circuit-open', 'completeness', 'cost', 'dead-letters', 'lake-lag', 'queue-age'],
    ...['server-errors', 'silence', 'token-failures', 'verification-failures'],
  ]);
  for (const page of pages) expect(alarmNames.filter((name) => name.startsWith(page))).not.toEqual([]);
});

test.each(APP_NAMES)(
  'the stack of %s cannot forget the alarms that its function and its queue come with',
  (app) => {
    const { CIRCUITS_PARAMETER, GENESYS_ORGS } = environmentOf(stacks[app]);
    const own = Object.values(resources(stacks[app], 'aws_cloudwatch_metric_alarm')).map(
      ({ alarm_name }) => alarm_name,
    );
    const named = (kind: string) => names(dev).alarm(`${kind}-${app}`);
    expect(own).toContain(named('server-errors'));
    // A function that takes from several queues has one for each.
    expect(own.filter((name) => String(name).startsWith(names(dev).alarm('queue-age-')))).toHaveLength(
      Object.keys(resources(stacks[app], 'aws_lambda_event_source_mapping')).length,
    );
    expect(own.includes(named('circuit-open'))).toBe(CIRCUITS_PARAMETER !== undefined);
    expect(own.includes(named('token-failures'))).toBe(GENESYS_ORGS !== undefined);
  },
);

test('a refused signature is counted under one of the reasons that the alarm sums', () => {
  const [, union = ''] = /type RefusalCode = ([^;]*);/.exec(sourceOf('libs/signing/src')) ?? [];
  const codes = [...union.matchAll(/'([a-z-]+)'/g)].map(([, code]) => code);
  const alarm =
    alarms.find(({ alarm_name }) => alarm_name === names(dev).alarm('verification-failures')) ?? {};
  expect(codes.length).toBeGreaterThan(2);
  expect(
    metricsOf(alarm)
      .map(({ dimensions }) => dimensions.Reason)
      .toSorted(),
  ).toEqual(codes.toSorted());
});

test('the dashboard shows what some app writes, by dimensions that it writes it with', () => {
  const [{ dashboard_body } = { dashboard_body: '' }] = blocksOf('aws_cloudwatch_dashboard');
  const searches = [...String(dashboard_body).matchAll(/\{Aftercall,([\w,]+)\} MetricName=\\+"(\w+)/g)];
  expect(searches.length).toBeGreaterThan(10);
  const apps = readdirSync(join(REPOSITORY, 'apps'));
  for (const [, by = '', name = ''] of searches) {
    const dimensions = Object.fromEntries(
      by
        .split(',')
        .slice(1)
        .map((dimension) => [dimension, '']),
    );
    const writers = apps.filter((app) =>
      isEmitted({ namespace: '', name, dimensions: { ...dimensions, Function: app } }),
    );
    expect([name, by, writers.length > 0]).toEqual([name, by, true]);
  }
});

test('nobody is told of the silence of a source that is not there', () => {
  const silence = [
    { source: 'main', hours: 1 },
    { source: 'moon', hours: 1 },
  ];
  const stage = { ...dev, observability: { ...dev.observability, silence } };
  expect(() => synthesisedStacks(stage as typeof dev)).toThrow(
    'observability.silence[1].source: must be the key of a source',
  );
});
