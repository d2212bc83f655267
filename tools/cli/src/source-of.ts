import { usage } from './cli-error.ts';
import type { StageAccess, StageSource } from './stage-access.ts';

/**
 * The stage's source of that key.
 *
 * @throws CliError naming the sources there are
 */
export function sourceOf({ stage, sources }: StageAccess, key: string): StageSource {
  const source = sources.find((one) => one.key === key);
  if (source !== undefined) return source;
  const known = sources.map((one) => one.key).join(', ');
  throw usage(
    `unknown source ${JSON.stringify(key)} in stage ${stage}: there are ${known}`,
    'see `npx aftercall sources list`, or make it with `npx aftercall sources add KEY --scheme SCHEME`',
  );
}
