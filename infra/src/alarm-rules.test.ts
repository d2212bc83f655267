import { describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stageNamed } from './stages.ts';
import { resources, synthesisedStacks, type Block } from './synthesised-stacks.ts';

const RUNBOOKS = resolve(import.meta.dirname, '../../docs/runbooks');

const alarms: readonly Block[] = Object.values(synthesisedStacks('dev')).flatMap((stack) =>
  Object.values(resources(stack, 'aws_cloudwatch_metric_alarm')),
);

describe.each(alarms.map((alarm) => [String(alarm.alarm_name), alarm] as const))(
  'the alarm %s',
  (_, alarm) => {
    test('says what it means, and links to a runbook that is there', () => {
      const { runbooksUrl } = stageNamed('dev').observability ?? {};
      const [, meaning, link = ''] = /^(.*\.) What to do: (\S+)$/.exec(String(alarm.alarm_description)) ?? [];
      expect(meaning).toMatch(/^[A-Z].{20,}\.$/);
      expect(link).toMatch(new RegExp(`^${runbooksUrl}/[a-z-]+\\.md$`));
      expect(existsSync(join(RUNBOOKS, link.split('/').at(-1) ?? ''))).toBe(true);
    });

    test('tells the stage’s topic when something is wrong and when it no longer is', () => {
      expect(alarm.alarm_actions).toEqual([
        expect.stringMatching(/^\$\{(data\.)?aws_sns_topic\.alarms\.arn\}$/),
      ]);
      expect(alarm.ok_actions).toEqual(alarm.alarm_actions);
    });
  },
);
