import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { repository } from './repository.ts';

const production = createRequire(import.meta.url)('../../build/esbuild.config.cjs') as BuildOptions;

/**
 * Bundles entries the way the apps are bundled for Lambda, code that they share in chunks.
 *
 * @param entries output name → source file, from the root of the repository
 * @returns the folder with `<name>.mjs` for each entry
 */
export async function bundle(name: string, entries: Readonly<Record<string, string>>): Promise<string> {
  const outdir = join(repository, 'dist/bench', name);
  await build({
    ...production,
    absWorkingDir: repository,
    entryPoints: { ...entries },
    bundle: true,
    format: 'esm',
    outdir,
    // Every project's is the same; named, as Nx names it, it counts for packages too.
    tsconfig: join(repository, 'tools/bench/tsconfig.json'),
  });
  return outdir;
}

/** Brings the built apps up to date. @throws Error with Nx's own words when that fails */
export function buildApps(): void {
  const nx = join(repository, 'node_modules/.bin/nx');
  const args = ['run-many', '-t', 'build', '-p', 'tag:type:app'];
  const env = { ...process.env, NX_DAEMON: 'false' };
  const { status, stdout, stderr } = spawnSync(nx, args, { cwd: repository, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the apps do not build:\n${stdout}${stderr}`);
}
