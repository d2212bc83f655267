import { describe, expect, test } from '@jest/globals';
import { allow } from './constructs/statement.ts';
import { EVERY_RULE } from './every-rule.ts';
import { physicalNames } from './house-rules.ts';
import { validStage } from './stage.ts';
import { stageNamed } from './stages.ts';
import { synthesisedStacks } from './synthesised-stacks.ts';

/** With the longest name that a stage may have, and so the longest names of everything. */
const longest = validStage({ ...stageNamed('full'), name: 's'.repeat(16) });

describe.each(
  [stageNamed('local'), stageNamed('dev'), stageNamed('full'), longest].map(
    (stage) => [stage.name, stage] as const,
  ),
)('on stage %s', (_, stage) => {
  const world = { stage, stacks: synthesisedStacks(stage) };
  test.each(Object.entries(EVERY_RULE))('%s', (_title, rule) => rule(world));
});

test('two stages of one account and region have no name in common, but for the buses that Genesys Cloud names', () => {
  const [dev, full] = ['dev', 'full'].map((name) => physicalNames(synthesisedStacks(name)));
  const common = dev?.filter((name) => full?.includes(name));
  expect(common?.filter((name) => !name.startsWith('aws.partner/'))).toEqual([]);
});

test.each([
  [['s3:*'], ['arn:aws:s3:::b/*']],
  [['*'], ['arn:aws:s3:::b/*']],
  [['s3:GetObject'], ['*']],
  [['s3:GetObject'], ['arn:aws:s3:::*/x']],
  [['s3:GetObject'], ['arn:aws:s3:::aftercall-*']],
])('%j on %j cannot be granted', (actions, named) => {
  expect(() => allow(actions, named)).toThrow(/name the (actions|resources) instead of/);
});

test('sources that do not fit into the environment of a function are refused at synth', () => {
  const dev = stageNamed('dev');
  const many = Array.from({ length: 40 }, (_, index) => ({
    key: `source-${index}`,
    scheme: 'genesys-webhook' as const,
  }));
  const stage = validStage({ ...dev, sources: [...dev.sources, ...many] });
  expect(() => synthesisedStacks(stage)).toThrow(/ingest: its environment takes \d+ of 4096 bytes/);
});
