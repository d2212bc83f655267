/** For so long a category that was renamed goes by its old name. */
const NAME_TTL_SECONDS = 60 * 60;
/** For so long nobody asks again for a category that is not known: one that was deleted, or of another division. */
const UNKNOWN_TTL_SECONDS = 5 * 60;

/** Names of an organisation's categories by id; ids that nobody knows are left out. */
export type LookUpNames = (
  org: string,
  ids: readonly string[],
  remainingMillis: () => number,
) => Promise<ReadonlyMap<string, string>>;

/** What remembering names needs from the outside world. */
export interface CategoryNamesDeps {
  /** Those whose Platform API is configured. */
  readonly orgs: { has(org: string): boolean };
  readonly lookUp: LookUpNames;
  now(): Date;
}

/** The name of each category, or its id where it has none; the n-th name belongs to the n-th id. */
export type CategoryNames = (
  org: string,
  ids: readonly string[],
  remainingMillis: () => number,
) => Promise<readonly string[]>;

interface Known {
  readonly name: string | undefined;
  readonly untilMillis: number;
}

/** Remembers the names of categories, and asks for each once at a time. It rejects with what `lookUp` rejects with. */
export function createCategoryNames({ orgs, lookUp, now }: CategoryNamesDeps): CategoryNames {
  const known = new Map<string, Known>();
  const asked = new Map<string, Promise<string | undefined>>();
  const keyOf = (org: string, id: string) => `${org}/${id}`;

  const isMissing = (key: string): boolean =>
    !asked.has(key) && (known.get(key)?.untilMillis ?? 0) <= now().getTime();

  function ask(org: string, ids: readonly string[], remainingMillis: () => number): void {
    const answer = lookUp(org, ids, remainingMillis);
    for (const id of ids) {
      const key = keyOf(org, id);
      const name = answer.then((names) => remember(key, names.get(id))).finally(() => asked.delete(key));
      asked.set(key, name);
    }
  }

  function remember(key: string, name: string | undefined): string | undefined {
    const seconds = name === undefined ? UNKNOWN_TTL_SECONDS : NAME_TTL_SECONDS;
    known.set(key, { name, untilMillis: now().getTime() + seconds * 1000 });
    return name;
  }

  return async (org, ids, remainingMillis) => {
    if (!orgs.has(org)) return ids;
    const missing = ids.filter((id) => isMissing(keyOf(org, id)));
    if (missing.length > 0) ask(org, missing, remainingMillis);
    return Promise.all(
      ids.map(async (id) => {
        const key = keyOf(org, id);
        return (await (asked.get(key) ?? known.get(key)?.name)) ?? id;
      }),
    );
  };
}
