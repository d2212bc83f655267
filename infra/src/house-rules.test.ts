import { describe, expect, test } from '@jest/globals';
import { allow } from './constructs/statement.ts';
import { EVERY_RULE } from './every-rule.ts';
import { physicalNames } from './house-rules.ts';
import { validStage } from './stage.ts';
import { stageNamed } from './stages.ts';
import { synthesisedStacks } from './synthesised-stacks.ts';

const CERTIFICATE = '11111111-2222-3333-4444-555555555555';

/** Of another account and region, and with the longest name that a stage may have, so that everything has its longest. */
const longest = validStage({
  ...stageNamed('full'),
  name: 's'.repeat(16),
  account: '444455556666',
  region: 'ap-southeast-2',
  stateBucket: 'aftercall-state-444455556666',
  genesys: [{ org: 'main', region: 'ap-southeast-2', sharesTokens: true }],
  front: {
    edge: {
      requestsPerAddress: 30_000,
      clientCertificate: `arn:aws:acm:us-east-1:444455556666:certificate/${CERTIFICATE}`,
    },
    domain: { name: 'hooks.example.com', zone: 'example.com', truststore: { key: 'relays.pem' } },
  },
});

describe.each(
  [stageNamed('local'), stageNamed('dev'), stageNamed('full'), longest].map(
    (stage) => [stage.name, stage] as const,
  ),
)('on stage %s', (_, stage) => {
  const world = { stage, stacks: synthesisedStacks(stage) };
  test.each(Object.entries(EVERY_RULE))('%s', (_title, rule) => rule(world));
});

test('a stage speaks of no account, region and stage but its own; only what stands at the edge is where AWS has it', () => {
  const said = JSON.stringify(synthesisedStacks(longest));
  expect(said).not.toMatch(/111122223333|eu-west-1|aftercall[-/]full/);
  const abroad = said.match(/[^"]{0,60}us-east-1/g) ?? [];
  expect(abroad.filter((text) => !/certificate|acm:us-east-1|^us-east-1$/.test(text))).toEqual([]);
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
