/** What a token has used of its minute. */
export interface RateUse {
  readonly count: number;
  readonly allowed: number;
  readonly resetSeconds: number;
  readonly isOver: boolean;
}

const WINDOW_MILLIS = 60_000;

/**
 * Counts requests for each token in windows of a minute, which begin with a request. As an answer of Genesys Cloud
 * was seen, the first one says 61 seconds until the window ends.
 */
export function createRateLimiter({
  allowed,
  now,
}: {
  readonly allowed: number;
  now(): Date;
}): (token: string) => RateUse {
  const windows = new Map<string, { readonly beganAt: number; count: number }>();
  return (token) => {
    const nowMillis = now().getTime();
    const known = windows.get(token);
    const isOver = known === undefined || nowMillis >= known.beganAt + WINDOW_MILLIS;
    const window = isOver ? { beganAt: nowMillis, count: 0 } : known;
    window.count += 1;
    windows.set(token, window);
    const resetSeconds = Math.floor((window.beganAt + WINDOW_MILLIS - nowMillis) / 1000) + 1;
    return { count: window.count, allowed, resetSeconds, isOver: window.count > allowed };
  };
}

/** The headers that every answer bears. */
export function rateHeaders({ count, allowed, resetSeconds }: RateUse): Record<string, string> {
  return {
    'inin-ratelimit-count': String(count),
    'inin-ratelimit-allowed': String(allowed),
    'inin-ratelimit-reset': String(resetSeconds),
  };
}
