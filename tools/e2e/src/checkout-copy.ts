import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { REPOSITORY, repositoryFiles } from './repository-files.ts';

/** A copy of the repository's files to change, with the installed packages and the built apps of the original. */
export interface CheckoutCopy {
  readonly root: string;
  /** Runs a command of a document in it. @throws Error with what the command said, when it fails */
  readonly run: (words: readonly string[]) => Promise<string>;
  /** For commands that are started otherwise. */
  readonly environment: NodeJS.ProcessEnv;
  /** What `npm install` does about a new app, without the network and without touching the original's packages. */
  readonly link: (app: string) => void;
  /** The files that were written since, in the copy's own time: the original may be worked on. */
  readonly changed: () => readonly string[];
  readonly remove: () => void;
}

/** Made and not under version control, but needed by whatever reads a schema. */
const GENERATED = 'libs/schemas/generated';
const WORKSPACES = '@aftercall';

/** Copies the repository into a temporary folder. */
export function copyCheckout(): CheckoutCopy {
  const root = mkdtempSync(join(tmpdir(), 'aftercall-checkout-'));
  for (const file of repositoryFiles()) copy(root, file);
  copy(root, GENERATED);
  linkPackages(root);
  // Last, so that every bundle is younger than its sources.
  if (existsSync(join(REPOSITORY, 'dist/apps'))) copy(root, 'dist/apps');
  const copied = digestsOf(root);
  const environment = {
    ...process.env,
    PATH: [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
    // Jest's own.
    NODE_OPTIONS: '',
    // A daemon would outlive the copy, and a process for each plugin takes longer than the commands themselves.
    NX_DAEMON: 'false',
    NX_ISOLATE_PLUGINS: 'false',
    NX_TUI: 'false',
    FORCE_COLOR: '0',
  };
  return {
    root,
    environment,
    run: (words) => run(words, root, environment),
    link: (app) => symlinkSync(`../../apps/${app}`, join(root, 'node_modules', WORKSPACES, app)),
    changed: () =>
      [...digestsOf(root)].flatMap(([file, digest]) => (copied.get(file) === digest ? [] : [file])),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function copy(root: string, path: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  cpSync(join(REPOSITORY, path), join(root, path), { recursive: true });
}

/** Other people's packages are the original's; our own are the copy's. */
function linkPackages(root: string): void {
  const [original, linked] = [join(REPOSITORY, 'node_modules'), join(root, 'node_modules')];
  mkdirSync(join(linked, WORKSPACES), { recursive: true });
  for (const entry of readdirSync(original).filter((name) => name !== WORKSPACES))
    symlinkSync(join(original, entry), join(linked, entry));
  for (const name of readdirSync(join(original, WORKSPACES)))
    symlinkSync(readlinkSync(join(original, WORKSPACES, name)), join(linked, WORKSPACES, name));
}

async function run([command = '', ...args]: readonly string[], cwd: string, env: NodeJS.ProcessEnv) {
  try {
    return (await promisify(execFile)(command, args, { cwd, env, encoding: 'utf8' })).stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${[command, ...args].join(' ')} failed:\n${stdout}\n${stderr}`, { cause: error });
  }
}

/** Made by running things; not part of the repository. */
const NOT_SOURCE = new Set(['node_modules', 'dist', '.nx', '.aftercall', 'generated']);

const digestsOf = (root: string): ReadonlyMap<string, string> =>
  new Map(sourceFiles(root, '').map((file) => [file, hash('sha256', readFileSync(join(root, file)))]));

function sourceFiles(root: string, folder: string): readonly string[] {
  const names = readdirSync(join(root, folder)).filter(
    (name) => !NOT_SOURCE.has(name) && !name.startsWith('test-results'),
  );
  return names.flatMap((name) => {
    const path = folder === '' ? name : `${folder}/${name}`;
    return lstatSync(join(root, path)).isDirectory() ? sourceFiles(root, path) : [path];
  });
}
