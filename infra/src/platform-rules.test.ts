import { describe, expect, test } from '@jest/globals';
import { teamOf } from './code-owners.ts';
import { EVERY_RULE } from './every-rule.ts';
import { validStage } from './stage.ts';
import { stageNamed } from './stages.ts';
import { allResources, synthesisedStacks } from './synthesised-stacks.ts';

const dev = stageNamed('dev');

test('a stage that leaves keys to AWS and keeps nothing ready has neither key nor schedule, and keeps the rules', () => {
  const { customerKey: _, warm: __, ...plain } = dev;
  const stage = validStage(plain);
  const stacks = synthesisedStacks(stage);
  expect(JSON.stringify(stacks)).not.toMatch(/kms/);
  const queues = allResources(stacks, 'aws_sqs_queue');
  expect(queues.filter((queue) => queue.sqs_managed_sse_enabled !== true)).toEqual([]);
  expect(allResources(stacks, 'aws_appautoscaling_target')).toEqual([]);
  for (const rule of Object.values(EVERY_RULE)) rule({ stage, stacks });
});

describe('environments kept ready', () => {
  const [window] = dev.warm ?? [];
  if (!window) throw new Error('stage dev keeps nothing ready');
  const { backfill: _, ...withoutBackfill } = dev;

  test.each(['moon', 'backfill'])('for %s, which the stage does not have, are refused', (app) => {
    const stage = { ...withoutBackfill, warm: [{ ...window, app }] };
    expect(() => synthesisedStacks(validStage(stage))).toThrow(/warm\[0\]\.app: must be one of ingest, /);
  });

  test('twice for one app are refused', () => {
    const stage = { ...dev, warm: [window, window] };
    expect(() => synthesisedStacks(validStage(stage))).toThrow('warm[1].app: is the app of warm[0] too');
  });
});

test('the owner of an app is who CODEOWNERS says, and an app without one is refused', () => {
  expect(teamOf('ingest', '/apps/ingest/   @aftercall/edge\n')).toBe('edge');
  expect(() => teamOf('ingest', '/libs/ingest/ @aftercall/edge\n')).toThrow(
    'apps/ingest has no owner in .github/CODEOWNERS',
  );
});
