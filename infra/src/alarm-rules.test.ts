import { expect, test } from '@jest/globals';
import { EVERY_RULE } from './every-rule.ts';
import { validStage } from './stage.ts';
import { stageNamed } from './stages.ts';
import { allResources, synthesisedStacks } from './synthesised-stacks.ts';

const dev = stageNamed('dev');

test('a stage that is not watched has no alarm, and keeps the rules', () => {
  const { observability: _, ...unwatched } = dev;
  const stage = validStage(unwatched);
  const stacks = synthesisedStacks(stage);
  for (const type of ['aws_cloudwatch_metric_alarm', 'aws_cloudwatch_dashboard', 'aws_sns_topic'])
    expect(allResources(stacks, type)).toEqual([]);
  for (const rule of Object.values(EVERY_RULE)) rule({ stage, stacks });
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
