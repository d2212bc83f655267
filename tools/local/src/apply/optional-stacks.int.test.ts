import { stageNamed, synth } from '@aftercall/infra';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createClients, destroyClients } from '../aws/clients.ts';
import { startEmbeddedAws } from '../aws/embedded-aws.ts';
import { temporaryFolder } from '../runtime/fixture-function.ts';
import { createUnwinding } from '../unwinding.ts';
import { apply, type Applied } from './apply.ts';
import { NOT_PLAYED } from './not-played.ts';
import { readStacks } from './read-stacks.ts';

const unwinding = createUnwinding({ report: () => undefined });
const directory = temporaryFolder();
const notes: string[] = [];
let applied: Applied;

/** Everything that a stage may have, made here. */
beforeAll(async () => {
  const packagesFolder = temporaryFolder();
  // With the waits and schedules of a laptop.
  const full = stageNamed('full');
  const stage = { ...full, ...stageNamed('local'), ...(full.genesys && { genesys: full.genesys }) };
  const { stacks } = synth({ stage, outdir: directory, packagesFolder });
  expect(stacks.map(({ name }) => name)).toEqual(expect.arrayContaining(['network', 'warehouse']));
  const { endpoints } = await startEmbeddedAws({
    unwinding,
    now: () => new Date(),
    invoke: async () => ({ outcome: 'returned', payload: '{}' }),
    report: () => undefined,
  });
  const clients = createClients(endpoints);
  unwinding.add(() => destroyClients(clients));
  applied = await apply(directory, {
    clients,
    endpoints,
    httpUrl: 'http://127.0.0.1:9',
    note: (line) => notes.push(line),
  });
}, 60_000);
afterAll(() => unwinding.run());

test('the options of a stage have no resource type that is not known here', () => {
  expect(applied.unknownTypes).toEqual([]);
});

test('each type that is not played is named with what it is for, and none that is played', () => {
  const named = Object.entries(applied.notPlayed).flatMap(([purpose, types]) =>
    types.map((type) => [type, purpose] as const),
  );
  expect(Object.fromEntries(named)).toMatchObject({
    aws_cloudfront_distribution: 'a name of its own, and what guards it',
    aws_nat_gateway: 'networks',
    aws_kms_key: 'encryption at rest',
  });
  for (const [type, purpose] of named) expect(NOT_PLAYED[type]).toBe(purpose);
  const there = new Set(
    readStacks(directory).map(({ type, mode }) => (mode === 'data' ? `data.${type}` : type)),
  );
  expect(named.map(([type]) => type).toSorted()).toEqual(
    [...there].filter((type) => type in NOT_PLAYED).toSorted(),
  );
});

test('a parameter that tells of what is not played says so', () => {
  const values = applied.resources
    .filter(({ type }) => type === 'aws_ssm_parameter')
    .map(({ attributes }) => attributes['value']);
  expect(values).toContainEqual(
    expect.stringMatching(/^not played here: aws_eip\.nat_a_address\.public_ip,/),
  );
});

test('a rule whose target is not played is there, and says that nobody hears it', () => {
  expect(notes).toContainEqual(expect.stringMatching(/^rule aftercall-local-iceberg: .* hears nothing: /));
});
