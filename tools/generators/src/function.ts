import {
  formatFiles,
  generateFiles,
  installPackagesTask,
  joinPathFragments,
  updateJson,
  type Tree,
} from '@nx/devkit';
import { join } from 'node:path';
import { checkName, checkTeam, stackFunctionName, variableName } from './function-name.ts';
import { addAppStack, addOwner, addRoute } from './insertions.ts';

/** As `function.schema.json` has them. */
export interface FunctionOptions {
  readonly name: string;
  readonly team: string;
  readonly skipInstall: boolean;
}

const FILES = join(import.meta.dirname, 'files');

/**
 * Makes a consumer of facts: an app of the usual shape, its stack, its route, its owner. Everything that is
 * generated works as it is; what the function is for comes into `act-on-outcome.ts`.
 *
 * @throws Error when the name or the team cannot be used, or a file it adds a line to has not the form it knows
 */
export default async function functionGenerator(
  tree: Tree,
  { name, team, skipInstall }: FunctionOptions,
): Promise<() => void> {
  checkName(tree, name);
  checkTeam(team);
  const substitutions = { name, stack: stackFunctionName(name), variable: variableName(name) };
  generateFiles(tree, join(FILES, 'app'), joinPathFragments('apps', name), substitutions);
  generateFiles(tree, join(FILES, 'stack'), 'infra/src/stacks', substitutions);
  addAppStack(tree, name);
  addRoute(tree, name);
  addOwner(tree, name, team);
  updateJson<{ dependencies: Record<string, string> }>(tree, 'infra/package.json', (infra) => ({
    ...infra,
    dependencies: { ...infra.dependencies, [`@aftercall/${name}`]: '*' },
  }));
  await formatFiles(tree);
  // The link in node_modules by which infra finds the app, and the lock file's word for it.
  return () => {
    if (!skipInstall) installPackagesTask(tree, true);
  };
}
