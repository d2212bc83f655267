import type { LocalJson } from '@aftercall/local';
import { dirname, resolve } from 'node:path';

/** A running stack and the directory whose `.aftercall` it writes into. */
export interface FoundStack {
  readonly directory: string;
  readonly local: LocalJson;
}

/** Looks from `cwd` upwards, then in the repository: a command may be given in any sub-folder. */
export async function findStack(cwd: string, repositoryRoot: string): Promise<FoundStack | undefined> {
  // Loaded late: it brings the whole local stack with it, and help and wrong usage need none of that.
  const { readLocalJson } = await import('@aftercall/local');
  for (const directory of [...upwards(cwd), repositoryRoot]) {
    const local = readLocalJson(directory);
    if (local !== undefined) return { directory, local };
  }
  return undefined;
}

function upwards(directory: string): readonly string[] {
  const here = resolve(directory);
  const above = dirname(here);
  return above === here ? [here] : [here, ...upwards(above)];
}
