import { spawn } from 'node:child_process';
import { globSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { mainFile } from './bundles.ts';

/** What a build came to; `output` is what it said, for when it failed. */
export type BuildResult =
  | { readonly outcome: 'built' }
  | { readonly outcome: 'failed'; readonly output: string };

/** The apps of the workspace that have an entry. */
export function appsOf(root: string): readonly string[] {
  return globSync('apps/*/src/main.ts', { cwd: root })
    .map((file) => file.split(/[\\/]/)[1] ?? '')
    .sort();
}

/** Those whose bundle is missing or older than a source file of the app or of a library. */
export function appsToBuild(root: string, apps: readonly string[]): readonly string[] {
  const libraries = newest(root, 'libs/*/src/**/*.ts');
  return apps.filter((app) => {
    const bundle = mainFile(join(root, 'dist/apps', app));
    return (
      bundle === undefined ||
      statSync(bundle).mtimeMs < Math.max(libraries, newest(root, `apps/${app}/src/**/*.ts`))
    );
  });
}

function newest(root: string, pattern: string): number {
  const files = globSync(pattern, { cwd: root }).filter((file) => !file.endsWith('.test.ts'));
  return Math.max(0, ...files.map((file) => statSync(join(root, file)).mtimeMs));
}

/** Builds apps through Nx, whose cache makes a repeated build cheap; without its daemon, which would outlive us. */
export function buildApps(root: string, apps: readonly string[]): Promise<BuildResult> {
  const nx = join(root, 'node_modules/nx/dist/bin/nx.js');
  const child = spawn(process.execPath, [nx, 'run-many', '-t', 'build', '-p', apps.join(',')], {
    cwd: root,
    env: { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false', FORCE_COLOR: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (text: Buffer) => (output += text.toString()));
  child.stderr.on('data', (text: Buffer) => (output += text.toString()));
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ outcome: 'failed', output: error.message }));
    child.once('close', (code) => {
      if (code === 0) markAsBuilt(root, apps);
      resolve(code === 0 ? { outcome: 'built' } : { outcome: 'failed', output });
    });
  });
}

/** What Nx takes from its cache, or leaves because it is right, would still look older than the sources. */
function markAsBuilt(root: string, apps: readonly string[]): void {
  const now = new Date();
  for (const app of apps) {
    const bundle = mainFile(join(root, 'dist/apps', app));
    if (bundle !== undefined) utimesSync(bundle, now, now);
  }
}
