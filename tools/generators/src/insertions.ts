import type { Tree } from '@nx/devkit';
import { stackFunctionName } from './function-name.ts';

/** The list of all fan-out. */
export const ROUTING = 'infra/src/routing.ts';
const APP_STACKS = 'infra/src/app-stacks.ts';
const CODEOWNERS = '.github/CODEOWNERS';

/** Registers the app's stack. */
export function addAppStack(tree: Tree, name: string): void {
  const stack = stackFunctionName(name);
  insertBefore(
    tree,
    APP_STACKS,
    '\n/** The stage, its names',
    `import { ${stack} } from './stacks/${name}.ts';\n`,
  );
  insertBefore(tree, APP_STACKS, '} as const satisfies', `  '${name}': ${stack},\n`);
}

/** Lets the app hear of every outcome; to narrow it is for whoever knows what it is for. */
export const addRoute = (tree: Tree, name: string): void =>
  insertBefore(
    tree,
    ROUTING,
    '} as const satisfies',
    `  '${name}': { facts: outcomes(), target: '${name}' },\n`,
  );

/** Puts the app's owner below those of the other apps. */
export function addOwner(tree: Tree, name: string, team: string): void {
  const lines = textOf(tree, CODEOWNERS).split('\n');
  const last = lines.findLastIndex((line) => line.startsWith('/apps/'));
  if (last < 0) throw new Error(`${CODEOWNERS} has no line for an app to put another one below`);
  const column = lines[last]?.search(/@/) ?? 0;
  const line = `${`/apps/${name}/`.padEnd(column - 1)} ${team}`;
  tree.write(CODEOWNERS, lines.toSpliced(last + 1, 0, line).join('\n'));
}

/** @throws Error when the place is not there or not the only one of its kind */
function insertBefore(tree: Tree, file: string, place: string, inserted: string): void {
  const [before, after, ...more] = textOf(tree, file).split(place);
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(
      `${file} is not as it was: add ${JSON.stringify(inserted.trim())} by hand, or restore it`,
    );
  tree.write(file, `${before}${inserted}${place}${after}`);
}

function textOf(tree: Tree, file: string): string {
  const text = tree.read(file, 'utf8');
  if (text === null) throw new Error(`${file} is missing: run this in the repository of Aftercall`);
  return text;
}
