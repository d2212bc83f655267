import { afterAll, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { NOT_PACKAGED } from './app-package.ts';
import { stageNamed } from './stages.ts';
import { APP_NAMES, stackNames, synth } from './synth.ts';
import { stacksFor } from './wanted-stacks.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');
const MAIN = resolve(import.meta.dirname, '../main.mjs');
/** Of all stacks together, on a machine that is busy. */
const MAX_SYNTH_MILLISECONDS = 15_000;
const STACK_NAMES = stackNames(stageNamed('local'));

const temporaryFolders: string[] = [];

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'aftercall-synth-'));
  temporaryFolders.push(folder);
  return folder;
}

afterAll(() => temporaryFolders.forEach((folder) => rmSync(folder, { recursive: true })));

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('the command writes every stack of a stage, offline and in time', () => {
  const outdir = temporaryFolder();
  const startedAt = performance.now();
  const { status, stdout, stderr } = run('--stage=local', `--outdir=${outdir}`);
  const elapsed = performance.now() - startedAt;
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.trim().split('\n')).toHaveLength(STACK_NAMES.length);
  for (const stack of STACK_NAMES)
    expect(existsSync(join(outdir, 'stacks', stack, 'cdk.tf.json'))).toBe(true);
  expect(elapsed).toBeLessThan(MAX_SYNTH_MILLISECONDS);
});

test('the command writes one stack when it is asked for one', () => {
  const outdir = temporaryFolder();
  expect(run('--stage=local', `--outdir=${outdir}`, '--stack=ingest').status).toBe(0);
  expect(readdirSync(join(outdir, 'stacks'))).toEqual(['ingest']);
});

test.each([
  ['an unknown stage', ['--stage=moon'], 'unknown stage "moon": there are local, dev, full'],
  [
    'an unknown stack',
    ['--stage=local', '--stack=lake'],
    'unknown stack "lake": stage local has foundation, observability, ingest, processor, lake-writer, compliance-router, partner-ingest, transcript-fetcher, backfill, secret-rotator, crm, dead-letters',
  ],
  ['no stage', [], 'name a stage, such as --stage=dev\nusage: node infra/main.mjs'],
  ['an unknown action', ['destroy', '--stage=dev'], 'unknown action "destroy"'],
  ['an unknown option', ['--stgae=dev'], "Unknown option '--stgae'"],
])('the command answers %s with a sentence and exit code 2', (_, args, message) => {
  const { status, stderr } = run(...args);
  expect(status).toBe(2);
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(/\n\s+at /);
});

test('the hash is that of the zip, and the zip lies where Terraform looks for it', () => {
  const packagesFolder = temporaryFolder();
  for (const app of APP_NAMES) writeFileSync(join(packagesFolder, `${app}.zip`), `zip of ${app}`);
  const { stacks } = synth({ stage: 'dev', outdir: join(temporaryFolder(), 'new'), packagesFolder });
  const ingest = stacks.find(({ name }) => name === 'ingest');
  const copy = readFileSync(join(String(ingest?.folder), 'dist/apps/ingest.zip'));
  expect(copy.toString()).toBe('zip of ingest');
  expect(readFileSync(String(ingest?.file), 'utf8')).toContain(
    createHash('sha256').update(copy).digest('base64'),
  );
});

test('only a laptop goes without packages', () => {
  const packagesFolder = temporaryFolder();
  const { stacks } = synth({ stage: 'local', outdir: temporaryFolder(), packagesFolder });
  const ingest = stacks.find(({ name }) => name === 'ingest');
  expect(readFileSync(String(ingest?.file), 'utf8')).toContain(`"source_code_hash": "${NOT_PACKAGED}"`);
  expect(() => synth({ stage: 'dev', outdir: temporaryFolder(), packagesFolder })).toThrow(
    'dist/apps/ingest.zip is missing: run `npx nx run ingest:package` first',
  );
});

test('foundation needs no package, and an app needs only its own', () => {
  const packagesFolder = temporaryFolder();
  writeFileSync(join(packagesFolder, 'processor.zip'), 'zip');
  for (const stack of ['foundation', 'processor']) {
    expect(synth({ stage: 'dev', outdir: temporaryFolder(), packagesFolder, stack }).stacks).toHaveLength(1);
  }
});

test('a stage without a CRM has no stack for one', () => {
  const { crm: _, ...stage } = stageNamed('local');
  const outdir = temporaryFolder();
  expect(synth({ stage, outdir }).stacks.map(({ name }) => name)).toEqual([
    'foundation',
    'observability',
    ...APP_NAMES,
  ]);
  expect(readdirSync(join(outdir, 'stacks'))).not.toContain('crm');
  expect(() => synth({ stage, outdir, stack: 'crm' })).toThrow('unknown stack "crm": stage local has');
});

test.each([
  ['partner', 'partner-ingest'],
  ['transcripts', 'transcript-fetcher'],
  ['backfill', 'backfill'],
  ['rotation', 'secret-rotator'],
] as const)('a stage without %s has no stack %s', (section, app) => {
  const { [section]: _, ...stage } = stageNamed('local');
  const outdir = temporaryFolder();
  const expected = STACK_NAMES.filter((name) => name !== app);
  expect(synth({ stage, outdir }).stacks.map(({ name }) => name)).toEqual(expected);
  expect(readdirSync(join(outdir, 'stacks')).toSorted()).toEqual([...expected].toSorted());
});

test('a stage made up by the caller is checked like any other', () => {
  const stage = { ...stageNamed('local'), eventsVisibilitySeconds: 1 };
  expect(() => synth({ stage, outdir: temporaryFolder() })).toThrow(
    /eventsVisibilitySeconds: must be at least 60/,
  );
});

test('synthesis repeats byte for byte and holds no path of this machine', () => {
  const read = () => {
    const { stacks } = synth({
      stage: 'local',
      outdir: temporaryFolder(),
      packagesFolder: temporaryFolder(),
    });
    return stacks.map(({ file }) => readFileSync(file, 'utf8')).join('\n');
  };
  const first = read();
  expect(read()).toBe(first);
  expect(first).not.toContain(tmpdir());
  expect(first).not.toContain(resolve(import.meta.dirname, '../..'));
});

test('an app that the stage has no use for is no error: whoever deploys what is affected asks for all', () => {
  const { backfill: _, ...stage } = stageNamed('local');
  expect(stacksFor('deploy', stage, 'backfill')).toEqual([]);
  expect(() => stacksFor('deploy', stage, 'backfil')).toThrow('unknown stack "backfil"');
});

test('every app has its own synth, diff and deploy, and infra changes affect them', () => {
  for (const app of APP_NAMES) {
    const { nx } = JSON.parse(readFileSync(join(REPOSITORY, 'apps', app, 'package.json'), 'utf8'));
    expect(nx.targets).toMatchObject({ synth: {}, diff: {}, deploy: {} });
  }
  const { namedInputs, targetDefaults } = JSON.parse(readFileSync(join(REPOSITORY, 'nx.json'), 'utf8'));
  expect(namedInputs.stacks).toContain('{workspaceRoot}/infra/src/**/*');
  for (const target of ['synth', 'diff', 'deploy']) expect(targetDefaults[target].inputs).toContain('stacks');
});
