/** What Genesys Cloud's answers tell besides what they answer. */
export interface ObservedFetch {
  readonly fetch: typeof fetch;
  /** How far the other clock was ahead of ours at the last answer that said so. */
  readonly skewSeconds: () => number | undefined;
  /** The text of the last 403. */
  readonly lastForbidden: () => string;
}

/** An error is a few hundred bytes. */
const MAX_ERROR_CHARACTERS = 10_000;

/** Looks at answers on their way: at their `Date`, and at why they forbid. */
export function observedFetch(outer: typeof fetch, now: () => Date): ObservedFetch {
  let skewSeconds: number | undefined;
  let lastForbidden = '';
  return {
    fetch: async (input, init) => {
      const response = await outer(input, init);
      const date = Date.parse(response.headers.get('date') ?? '');
      if (!Number.isNaN(date)) skewSeconds = (date - now().getTime()) / 1000;
      if (response.status !== 403) return response;
      lastForbidden = (await response.text()).slice(0, MAX_ERROR_CHARACTERS);
      const { status, headers } = response;
      return new Response(lastForbidden, { status, headers });
    },
    skewSeconds: () => skewSeconds,
    lastForbidden: () => lastForbidden,
  };
}
