import { getProjects, names, type Tree } from '@nx/devkit';
import { ROUTING } from './insertions.ts';

/** With `aftercall-{stage}-` before it, still within the 64 characters of a function's name. */
const MAX_CHARACTERS = 37;

const KEBAB_CASE = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** Its queue would have the name of another route's dead-letter queue. */
const DEAD_LETTER_SUFFIX = /-dead$/;

/** Queues of these names are the pipeline's own, the partner buses' and the QA teams'. */
const RESERVED = /^(events$|partner-inbox$|qa-)/;

/** As GitHub writes an owner. */
const OWNER = /^@[\w-]+(\/[\w.-]+)?$/;

/**
 * Whether a new function may be called so.
 *
 * @throws Error saying what is wrong with it
 */
export function checkName(tree: Tree, name: string): void {
  const problem = formProblem(name) ?? takenBy(tree, name);
  if (problem !== undefined)
    throw new Error(`${JSON.stringify(name)} cannot be a function's name: ${problem}`);
}

/** @throws Error when GitHub would not know the owner */
export function checkTeam(team: string): void {
  if (OWNER.test(team)) return;
  throw new Error(`--team: ${JSON.stringify(team)} is no owner; write @organisation/team or @user`);
}

/** The name of the stack's function: no word that TypeScript or a stack's imports have already. */
export const stackFunctionName = (name: string): string => `${names(name).propertyName}Stack`;

/** The name's form in environment variables. */
export const variableName = (name: string): string => names(name).constantName;

function formProblem(name: string): string | undefined {
  if (!KEBAB_CASE.test(name)) return 'it must be in kebab-case, such as churn-alerts';
  if (name.length > MAX_CHARACTERS) return `it must have at most ${MAX_CHARACTERS} characters`;
  if (DEAD_LETTER_SUFFIX.test(name)) return 'it must not end in -dead, as dead-letter queues do';
  if (RESERVED.test(name))
    return 'it must not be events or partner-inbox nor begin with qa-, as other queues are called';
  return undefined;
}

function takenBy(tree: Tree, name: string): string | undefined {
  if (getProjects(tree).has(name)) return 'there is a project of that name';
  if (tree.exists(`apps/${name}`)) return `there is apps/${name} already`;
  if (tree.exists(`infra/src/stacks/${name}.ts`)) return 'there is a stack of that name';
  const routes = tree.read(ROUTING, 'utf8') ?? '';
  return new RegExp(`^ +'?${name}'?:`, 'm').test(routes) ? 'there is a route of that name' : undefined;
}
