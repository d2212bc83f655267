import { afterAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stageNamed } from './stages.ts';
import { APP_NAMES, isApp, stackNames, synth } from './synth.ts';
import { installedTerraform, terraformCommands } from './terraform.ts';

const MAIN = resolve(import.meta.dirname, 'main.ts');
const LOCAL_STACKS = stackNames(stageNamed('local'));
const folder = mkdtempSync(join(tmpdir(), 'aftercall-terraform-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Stands for Terraform: says where it was called and with what, and fails at the command it is told to. */
const RECORDER = `#!${process.execPath}
const [command, ...rest] = process.argv.slice(2);
if (command !== 'version') console.log('ran', process.cwd().split('/').at(-1), [command, ...rest].join(' '));
process.exitCode = command === process.env.FAIL_AT ? 1 : 0;
`;

function binWith(name: string): string {
  const bin = mkdtempSync(join(folder, 'bin-'));
  writeFileSync(join(bin, name), RECORDER);
  chmodSync(join(bin, name), 0o755);
  return bin;
}

function run(args: readonly string[], environment: Readonly<Record<string, string>>) {
  const outdir = mkdtempSync(join(folder, 'out-'));
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args, `--outdir=${outdir}`], {
    encoding: 'utf8',
    env: environment,
  });
  return { status, stderr, outdir, ran: [...stdout.matchAll(/^ran (.*)$/gm)].map(([, call = '']) => call) };
}

describe('Terraform is run', () => {
  test('in the folder of the app alone that is deployed, on the plan that was made', () => {
    const { status, ran } = run(['deploy', '--stage=local', '--stack=ingest'], {
      PATH: binWith('terraform'),
    });
    expect(status).toBe(0);
    expect(ran).toEqual(['ingest init', 'ingest plan -out=deploy.tfplan', 'ingest apply deploy.tfplan']);
  });

  test('to plan and nothing more when only the difference is asked for', () => {
    const { ran } = run(['diff', '--stage=local', '--stack=foundation'], { PATH: binWith('tofu') });
    expect(ran).toEqual(['foundation init', 'foundation plan -lock=false']);
  });

  test('without a stack named, on those that are no app’s, foundation first', () => {
    const { ran } = run(['deploy', '--stage=local'], { PATH: binWith('terraform') });
    const shared = LOCAL_STACKS.filter((name) => !isApp(name));
    expect(ran.filter((call) => call.endsWith(' init'))).toEqual(shared.map((name) => `${name} init`));
    expect(shared[0]).toBe('foundation');
  });

  test('no further once a command has failed', () => {
    const { status, stderr, ran } = run(['deploy', '--stage=local'], {
      PATH: binWith('terraform'),
      FAIL_AT: 'plan',
    });
    expect(status).toBe(2);
    expect(ran).toEqual(['foundation init', 'foundation plan -out=deploy.tfplan']);
    expect(stderr).toMatch(/^terraform plan -out=deploy.tfplan failed in .*foundation$/m);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('by the name that AFTERCALL_TERRAFORM has', () => {
    const executable = join(binWith('terraform-1.14'), 'terraform-1.14');
    const { ran } = run(['diff', '--stage=local', '--stack=crm'], { AFTERCALL_TERRAFORM: executable });
    expect(ran).toEqual(['crm init', 'crm plan -lock=false']);
  });
});

test.each([
  ['none is installed', {}, 'neither terraform nor tofu is on the PATH'],
  ['the one named is not there', { AFTERCALL_TERRAFORM: '/no/terraform' }, '/no/terraform does not run'],
])('when %s, what to install and the folder that waits for it are named', (_, named, problem) => {
  const { status, stderr } = run(['deploy', '--stage=local', '--stack=ingest'], { PATH: folder, ...named });
  expect(status).toBe(2);
  expect(stderr).toContain(problem);
  expect(stderr).toMatch(/Terraform 1\.11 or later[^]*OpenTofu 1\.10[^]*stacks\/ingest$/m);
  expect(stderr).not.toMatch(/\n\s+at /);
});

// With AFTERCALL_TERRAFORM_VALIDATE=1 the installed Terraform and its providers judge every stack; else it is recorded.
test('every stack is validated', () => {
  const real = process.env['AFTERCALL_TERRAFORM_VALIDATE'] === '1';
  const { status, stderr, ran } = run(
    ['validate', '--stage=local'],
    real ? (process.env as Record<string, string>) : { PATH: binWith('terraform') },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const expected = LOCAL_STACKS.flatMap((name) => [`${name} init -backend=false`, `${name} validate`]);
  expect(ran).toEqual(real ? [] : expected);
}, 900_000);

test('so is every option that a stage may have', () => {
  const packagesFolder = mkdtempSync(join(folder, 'zips-'));
  for (const app of APP_NAMES) writeFileSync(join(packagesFolder, `${app}.zip`), `zip of ${app}`);
  const outdir = mkdtempSync(join(folder, 'full-'));
  const { stacks } = synth({ stage: 'full', outdir, packagesFolder });
  const real = process.env['AFTERCALL_TERRAFORM_VALIDATE'] === '1';
  const terraform = installedTerraform(real ? process.env : { AFTERCALL_TERRAFORM: '/bin/true' }, outdir);
  for (const { folder: stack } of stacks)
    for (const command of terraformCommands('validate'))
      expect(() => terraform.run(stack, command)).not.toThrow();
}, 900_000);
