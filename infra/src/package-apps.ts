import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import type { AppName } from './app-stacks.ts';
import { zipBundle } from './zip-bundle.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');
const production = createRequire(import.meta.url)('../../tools/build/esbuild.config.cjs') as BuildOptions;

/**
 * Bundles and zips apps as they are now, to the bytes that `nx run <app>:package` makes, without waiting for Nx.
 *
 * @returns the folder, which then holds `<app>.zip` for each
 * @throws Error of esbuild's, which names the file and the line that does not bundle
 */
export async function packageApps(apps: readonly AppName[], folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const zips = apps.map(async (app) => {
    writeFileSync(join(folder, `${app}.zip`), zipBundle(await bundleApp(app)));
  });
  await Promise.all(zips);
  return folder;
}

/** The files of an app's bundle, by their names in its zip. */
async function bundleApp(app: AppName): Promise<ReadonlyMap<string, Uint8Array>> {
  const outdir = resolve(REPOSITORY, 'dist/apps', app);
  const { outputFiles } = await build({
    ...production,
    absWorkingDir: REPOSITORY,
    entryPoints: [`apps/${app}/src/main.ts`],
    tsconfig: `apps/${app}/tsconfig.json`,
    bundle: true,
    format: 'esm',
    outdir,
    metafile: false,
    write: false,
  });
  return new Map(outputFiles.map(({ path, contents }) => [relative(outdir, path), contents]));
}
