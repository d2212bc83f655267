import { expect, test } from '@jest/globals';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { appsOf, appsToBuild, buildApps } from './build-apps.ts';
import { createBundles } from './bundles.ts';
import { temporaryFolder } from './runtime/fixture-function.ts';

function write(root: string, file: string, epochSeconds = 1_000, text = ''): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
  utimesSync(join(root, file), epochSeconds, epochSeconds);
}

test('what is missing or older than a source is to be built, tests do not count', () => {
  const root = temporaryFolder();
  const apps = ['fresh', 'changed', 'missing'];
  for (const app of apps) write(root, `apps/${app}/src/main.ts`);
  for (const app of ['fresh', 'changed']) write(root, `dist/apps/${app}/main.mjs`, 2_000);
  write(root, 'apps/changed/src/core.ts', 3_000);
  write(root, 'apps/fresh/src/core.test.ts', 3_000);
  write(root, 'libs/signing/src/seal.ts', 1_500);
  write(root, 'apps/unfinished/src/core.ts');
  expect(appsOf(root)).toEqual(['changed', 'fresh', 'missing']);
  expect(appsToBuild(root, apps)).toEqual(['changed', 'missing']);
  write(root, 'libs/signing/src/seal.ts', 2_500);
  expect(appsToBuild(root, apps)).toEqual(apps);
});

test('a build that cannot run is a failure with what it said', async () => {
  expect(await buildApps(temporaryFolder(), ['ingest'])).toMatchObject({
    outcome: 'failed',
    output: expect.stringContaining('nx.js'),
  });
});

test('threads load a copy, which a later build leaves alone', () => {
  const root = temporaryFolder();
  write(root, 'dist/ingest/main.mjs', 1_000, 'old');
  write(root, 'dist/ingest/chunks/a.mjs', 1_000);
  const bundles = createBundles({
    distDirectory: join(root, 'dist'),
    folder: join(root, 'copies'),
    files: { other: '/x/main.mjs' },
  });
  const first = bundles.fileOf('ingest');
  bundles.refresh('ingest');
  expect(first).toBe(join(root, 'copies/ingest-1/main.mjs'));
  expect(bundles.fileOf('ingest')).toBe(join(root, 'copies/ingest-2/main.mjs'));
  expect(bundles.fileOf('other')).toBe('/x/main.mjs');
  expect(() => bundles.fileOf('processor')).toThrow('npx nx run processor:build');
});
