import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { StageError } from './stage.ts';

const FILE = resolve(import.meta.dirname, '../../.github/CODEOWNERS');

/**
 * The team that owns an app, as `.github/CODEOWNERS` has it: `edge` for `@aftercall/edge`.
 *
 * @throws StageError when the app has no line there
 */
export function teamOf(app: string, codeOwners: string = readFileSync(FILE, 'utf8')): string {
  const line = codeOwners.split('\n').find((one) => one.startsWith(`/apps/${app}/ `));
  const team = line?.trim().split('/').at(-1);
  if (!team) throw new StageError(`apps/${app} has no owner in .github/CODEOWNERS`);
  return team;
}
