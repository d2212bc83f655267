import type { SetAside, SetAsideKind } from '@aftercall/set-aside';
import { usage } from './cli-error.ts';

/** Entries among which the start of an id is looked for. */
const SEARCHED_ENTRIES = 1_000;

/**
 * The id of what begins so, when exactly one thing does; what was given when nothing does.
 *
 * @throws CliError with exit code 2 when several do
 */
export async function wholeId(
  store: Pick<SetAside, 'list'>,
  kind: SetAsideKind,
  id: string,
): Promise<string> {
  const entries = await store.list({ kind, limit: SEARCHED_ENTRIES });
  const ids = new Set(entries.map((entry) => entry.id).filter((one) => one.startsWith(id)));
  if (ids.has(id) || ids.size === 0) return id;
  const [only, ...more] = ids;
  if (only === undefined || more.length > 0)
    throw usage(`${id} is the start of ${ids.size} ids`, 'give more of it');
  return only;
}
