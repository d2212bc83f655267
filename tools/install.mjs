// Runs before every npm script: makes node_modules what package-lock.json says, and is silent when it already is.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @returns {Record<string, { version?: string, integrity?: string, optional?: boolean, link?: boolean }> | undefined} */
function packagesOf(lockFile) {
  try {
    return JSON.parse(readFileSync(`${root}${lockFile}`, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** npm writes node_modules/.package-lock.json last, so an interrupted install is noticed here. */
export function isInstalled() {
  const wanted = packagesOf('package-lock.json');
  const present = packagesOf('node_modules/.package-lock.json');
  if (!wanted || !present) return false;
  const inModules = (path) => path.startsWith('node_modules/') || path.includes('/node_modules/');
  const allWanted = Object.entries(wanted).every(([path, entry]) => {
    if (!inModules(path)) return true;
    const found = present[path];
    if (!found) return entry.optional === true || entry.peer === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
  return allWanted && Object.keys(present).every((path) => !inModules(path) || path in wanted);
}

export function install() {
  if (!isInstalled()) {
    console.error('aftercall: installing packages (once, about a minute) …');
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  }
  // Tools read schemas too, and may be the very first thing that runs.
  if (!existsSync(`${root}libs/schemas/generated`))
    run('node_modules/.bin/node', ['libs/schemas/compile.ts']);
}

function run(command, args) {
  const options = { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' };
  const { status } = spawnSync(command, args, options);
  if (status === 0) return;
  console.error(`aftercall: \`${command} ${args.join(' ')}\` failed, see above. Nothing was started.`);
  process.exit(status ?? 1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) install();
