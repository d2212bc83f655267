import { spawn } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';

/** The apps of the workspace whose bundle is not there. */
export function missingBundles(root: string): readonly string[] {
  const apps = globSync('apps/*/src/main.ts', { cwd: root }).map((file) => file.split(/[\\/]/)[1] ?? '');
  const isBuilt = (app: string): boolean =>
    ['main.mjs', 'main.js'].some((name) => existsSync(join(root, 'dist/apps', app, name)));
  return apps.filter((app) => !isBuilt(app)).sort();
}

/**
 * Builds apps through Nx.
 *
 * @throws Error with what the build said
 */
export async function buildBundles(root: string, apps: readonly string[]): Promise<void> {
  const nx = join(root, 'node_modules/nx/dist/bin/nx.js');
  const child = spawn(process.execPath, [nx, 'run-many', '-t', 'build', '-p', apps.join(',')], {
    cwd: root,
    // Its daemon would outlive us.
    env: { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false', FORCE_COLOR: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (text: Buffer) => (output += text.toString()));
  child.stderr.on('data', (text: Buffer) => (output += text.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`the build failed\n${output}`);
}
