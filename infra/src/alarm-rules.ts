import { expect } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Stacks, World } from './house-rules.ts';
import { names } from './names.ts';
import { isApp, stackNames } from './synth.ts';
import { allResources, environmentOf, resources, type Block } from './synthesised-stacks.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');
const RUNBOOKS = join(REPOSITORY, 'docs/runbooks');

const alarmsOf = (stacks: Stacks): readonly Block[] => allResources(stacks, 'aws_cloudwatch_metric_alarm');

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

/** A metric that an app writes, with the dimensions it gives. */
interface Emitted {
  readonly name: string;
  readonly dimensions: readonly string[];
}

/** By the calls in its source and in that of the circuits it has. */
function emittedBy(app: string): readonly Emitted[] {
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

const emitted: Readonly<Record<string, readonly Emitted[]>> = Object.fromEntries(
  readdirSync(join(REPOSITORY, 'apps')).map((app) => [app, emittedBy(app)]),
);

/** Whether some app writes such a metric. */
const isEmitted = ({ name, dimensions: { Function: app = '', ...more } }: Metric): boolean =>
  (emitted[app] ?? []).some(
    (one) => one.name === name && Object.keys(more).every((dimension) => one.dimensions.includes(dimension)),
  );

/** What AWS measures by itself, and of what; by namespace and metric. */
const measuredByAws = (stacks: Stacks): Readonly<Record<string, readonly unknown[]>> => ({
  'AWS/Lambda Errors': allResources(stacks, 'aws_lambda_function').map((one) => one.function_name),
  'AWS/SQS ApproximateAgeOfOldestMessage': allResources(stacks, 'aws_sqs_queue').map(({ name }) => name),
  'AWS/ApiGateway 5xx': ['${aws_apigatewayv2_api.webhooks.id}'],
});

/** The searches of the dashboard's widgets: what is looked for, by which dimensions. */
function searchesOf(stacks: Stacks) {
  const bodies = allResources(stacks, 'aws_cloudwatch_dashboard').map(({ dashboard_body }) => dashboard_body);
  return [...bodies.join().matchAll(/\{Aftercall,([\w,]+)\} MetricName=\\+"(\w+)/g)].map(
    ([, by = '', name = '']) => ({ name, dimensions: by.split(',').slice(1) }),
  );
}

/**
 * What holds for everything that watches a stage. The rules of the house in `house-rules.ts` go on here; a stage that
 * is not watched keeps them by having none of it. For tests.
 */
export const ALARM_RULES: Readonly<Record<string, (world: World) => void>> = {
  'an alarm says what it means, and links to a runbook that is there': ({ stage, stacks }) => {
    for (const alarm of alarmsOf(stacks)) {
      const [, meaning, link = ''] = /^(.*\.) What to do: (\S+)$/.exec(String(alarm.alarm_description)) ?? [];
      expect(meaning).toMatch(/^[A-Z].{20,}\.$/);
      expect(link.startsWith(`${stage.observability?.runbooksUrl}/`)).toBe(true);
      expect(existsSync(join(RUNBOOKS, link.split('/').at(-1) ?? ''))).toBe(true);
    }
  },

  'an alarm tells the stage’s topic when something is wrong and when it no longer is': ({ stacks }) => {
    for (const alarm of alarmsOf(stacks)) {
      expect(alarm.alarm_actions).toEqual([
        expect.stringMatching(/^\$\{(data\.)?aws_sns_topic\.alarms\.arn\}$/),
      ]);
      expect(alarm.ok_actions).toEqual(alarm.alarm_actions);
    }
  },

  'an alarm looks at what some app writes, or at what AWS measures of something that is there': ({
    stacks,
  }) => {
    const byAws = measuredByAws(stacks);
    for (const metric of alarmsOf(stacks).flatMap(metricsOf)) {
      if (metric.namespace === 'Aftercall') expect([metric, isEmitted(metric)]).toEqual([metric, true]);
      else
        expect(byAws[`${metric.namespace} ${metric.name}`]).toEqual(
          expect.arrayContaining(Object.values(metric.dimensions)),
        );
    }
  },

  'an alarm looks no further back than CloudWatch lets it': ({ stacks }) => {
    for (const { period = 60, evaluation_periods } of alarmsOf(stacks)) {
      const window = Number(period) * Number(evaluation_periods);
      expect(window).toBeLessThanOrEqual(Number(period) < 3_600 ? 86_400 : 7 * 86_400);
    }
  },

  'each kind of alarm that was asked for is there, and each runbook is of one': ({ stage, stacks }) => {
    if (!stage.observability) return expect(alarmsOf(stacks)).toEqual([]);
    const kinds = readdirSync(RUNBOOKS).map((file) => file.replace(/\.md$/, ''));
    expect(kinds.toSorted()).toEqual([
      ...['acknowledgement', 'circuit-open', 'completeness', 'cost', 'dead-letters', 'lake-lag', 'queue-age'],
      ...['server-errors', 'silence', 'token-failures', 'verification-failures'],
    ]);
    const there = alarmsOf(stacks).map(({ alarm_name }) => String(alarm_name));
    for (const kind of kinds)
      expect([kind, there.some((name) => name.startsWith(names(stage).alarm(kind)))]).toEqual([kind, true]);
  },

  'no app’s stack forgets the alarms that its function and its queues come with': ({ stage, stacks }) => {
    if (!stage.observability) return;
    for (const app of stackNames(stage).filter(isApp)) {
      const { CIRCUITS_PARAMETER, GENESYS_ORGS } = environmentOf(stacks[app]);
      const own = Object.values(resources(stacks[app], 'aws_cloudwatch_metric_alarm')).map(
        ({ alarm_name }) => alarm_name,
      );
      const named = (kind: string) => names(stage).alarm(`${kind}-${app}`);
      expect(own).toContain(named('server-errors'));
      // A function that takes from several queues has one for each.
      expect(own.filter((name) => String(name).startsWith(names(stage).alarm('queue-age-')))).toHaveLength(
        Object.keys(resources(stacks[app], 'aws_lambda_event_source_mapping')).length,
      );
      expect(own.includes(named('circuit-open'))).toBe(CIRCUITS_PARAMETER !== undefined);
      expect(own.includes(named('token-failures'))).toBe(GENESYS_ORGS !== undefined);
    }
  },

  'a refused signature is counted under one of the reasons that the alarm sums': ({ stage, stacks }) => {
    if (!stage.observability) return;
    const [, union = ''] = /type RefusalCode = ([^;]*);/.exec(sourceOf('libs/signing/src')) ?? [];
    const codes = [...union.matchAll(/'([a-z-]+)'/g)].map(([, code]) => code);
    expect(codes.length).toBeGreaterThan(2);
    const alarm = alarmsOf(stacks).find(
      ({ alarm_name }) => alarm_name === names(stage).alarm('verification-failures'),
    );
    const summed = metricsOf(alarm ?? {}).map(({ dimensions }) => dimensions.Reason);
    expect(summed.toSorted()).toEqual(codes.toSorted());
  },

  'the dashboard shows what some app writes, by dimensions that it writes it with': ({ stage, stacks }) => {
    if (!stage.observability) return;
    expect(searchesOf(stacks).length).toBeGreaterThan(10);
    for (const { name, dimensions } of searchesOf(stacks)) {
      const asked = Object.fromEntries(dimensions.map((dimension) => [dimension, '']));
      const isWritten = Object.keys(emitted).some((app) =>
        isEmitted({ namespace: '', name, dimensions: { ...asked, Function: app } }),
      );
      expect([name, dimensions, isWritten]).toEqual([name, dimensions, true]);
    }
  },
};
