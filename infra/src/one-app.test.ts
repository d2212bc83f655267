import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stageNamed } from './stages.ts';
import { stackNames } from './synth.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');
const PATIENCE_MILLIS = 600_000;

/** A repository whose apps can be changed; everything else is the original's. */
let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'aftercall-one-app-'));
  for (const folder of ['apps', 'infra', '.github'])
    cpSync(join(REPOSITORY, folder), join(copy, folder), { recursive: true });
  for (const folder of ['node_modules', 'libs', 'tools', 'docs', 'tsconfig.base.json'])
    symlinkSync(join(REPOSITORY, folder), join(copy, folder));
});
afterAll(() => rmSync(copy, { recursive: true }));

/** Every stack of the fullest stage, with the apps bundled from the copy's sources. */
function synthesised(): ReadonlyMap<string, string> {
  const command = ['infra/main.mjs', 'synth', '--package', '--stage=full'];
  const env = { ...process.env, NODE_OPTIONS: '' };
  const { status, stderr } = spawnSync(process.execPath, command, { cwd: copy, encoding: 'utf8', env });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return new Map(
    stackNames(stageNamed('full')).map((stack) => {
      const file = join(copy, 'dist/infra/full/stacks', stack, 'cdk.tf.json');
      return [stack, readFileSync(file, 'utf8')];
    }),
  );
}

test(
  'a change of one app’s code changes one stack, and a change that is no code changes none',
  () => {
    const before = synthesised();
    const changed = (after: ReadonlyMap<string, string>) =>
      [...after].filter(([stack, json]) => json !== before.get(stack)).map(([stack]) => stack);

    const source = join(copy, 'apps/processor/src/main.ts');
    appendFileSync(source, '\n// Nothing of this is deployed.\n');
    expect(changed(synthesised())).toEqual([]);
    appendFileSync(source, "\nprocess.title = 'changed';\n");
    expect(changed(synthesised())).toEqual(['processor']);
  },
  PATIENCE_MILLIS,
);
