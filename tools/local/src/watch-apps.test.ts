import { expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildResult } from './build-apps.ts';
import { temporaryFolder } from './runtime/fixture-function.ts';
import { appsTouchedBy, createRebuilder, watchApps } from './watch-apps.ts';

const sleep = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis));

test.each([
  ['apps/ingest/src/ingest.ts', ['ingest']],
  ['apps/ingest/src/deep/x.ts', ['ingest']],
  ['apps/ingest/src/ingest.test.ts', []],
  ['apps/ingest/README.md', []],
  ['apps/unknown/src/x.ts', []],
  ['libs/signing/src/seal.ts', ['ingest', 'processor']],
  ['libs/signing/src/seal.test.ts', []],
  ['libs/schemas/generated/x.ts', []],
])('a change of %s is one of %j', (file, apps) => {
  expect(appsTouchedBy(file, ['ingest', 'processor'])).toEqual(apps);
});

function rebuilder(results: BuildResult[], problem?: string) {
  const built: (readonly string[])[] = [];
  const reloaded: string[] = [];
  const said: string[] = [];
  const made = createRebuilder({
    build: async (apps) => {
      built.push(apps);
      await sleep(50);
      return results.shift() ?? { outcome: 'built' };
    },
    reload: async (app) => {
      reloaded.push(app);
      return problem;
    },
    say: (line) => said.push(line),
  });
  return { made, built, reloaded, said };
}

test('changes that come together are one build; those that come during a build are the next', async () => {
  const { made, built, reloaded, said } = rebuilder([]);
  made.changed(['ingest']);
  made.changed(['ingest', 'processor']);
  await sleep(225);
  made.changed(['ingest']);
  await sleep(600);
  expect(built).toEqual([['ingest', 'processor'], ['ingest']]);
  expect(reloaded).toEqual(['ingest', 'processor', 'ingest']);
  expect(said).toHaveLength(3);
  expect(said[0]).toMatch(/^ingest: reloaded \(\d+ ms\)$/);
});

test('a build that fails says why and reloads nothing', async () => {
  const { made, reloaded, said } = rebuilder([
    { outcome: 'failed', output: 'src/ingest.ts:1: Unexpected "}"\n' },
  ]);
  made.changed(['ingest']);
  await sleep(400);
  expect(reloaded).toEqual([]);
  expect(said).toEqual(['ingest: the build failed, the old code goes on\nsrc/ingest.ts:1: Unexpected "}"']);
});

test('code that builds but does not load is told', async () => {
  const { made, said } = rebuilder([], 'bad environment: STAGE');
  made.changed(['ingest']);
  await sleep(400);
  expect(said).toEqual(['ingest: the new code does not load: bad environment: STAGE']);
});

test('a saved file is noticed, and nothing more after the end', async () => {
  const root = temporaryFolder();
  for (const folder of ['apps/ingest/src', 'libs/signing/src'])
    mkdirSync(join(root, folder), { recursive: true });
  const built: (readonly string[])[] = [];
  const end = watchApps({
    root,
    apps: ['ingest', 'processor'],
    build: async (apps) => (built.push(apps), { outcome: 'built' }),
    reload: async () => undefined,
    say: () => undefined,
  });
  await sleep(100);
  writeFileSync(join(root, 'apps/ingest/src/main.ts'), 'x');
  await sleep(500);
  writeFileSync(join(root, 'libs/signing/src/seal.ts'), 'x');
  await sleep(500);
  end();
  writeFileSync(join(root, 'libs/signing/src/seal.ts'), 'y');
  await sleep(400);
  expect(built).toEqual([['ingest'], ['ingest', 'processor']]);
});
