import type { Clock } from '@aftercall/oauth';

/** How a server counts, where Genesys Cloud does not say. */
export interface Counting {
  readonly allowed: number;
  /** Seconds of `reset` from milliseconds. */
  readonly round: (millis: number) => number;
  /** When the window ends that a request at this time opens. */
  readonly windowEnd: (nowMillis: number) => number;
  readonly latencyMillis: () => number;
}

/** A server in memory, for tests, that counts requests by the minute and says what is left, as Genesys Cloud does. */
export function rateLimitedServer(clock: Clock, { allowed, round, windowEnd, latencyMillis }: Counting) {
  const statuses: number[] = [];
  const openedAt: number[] = [];
  let count = 0;
  let endsAt = 0;

  const use = (): { readonly resetMillis: number } => {
    const now = clock.elapsedMillis();
    if (now >= endsAt) {
      count = 0;
      endsAt = windowEnd(now);
      openedAt.push(now);
    }
    count += 1;
    return { resetMillis: endsAt - now };
  };
  const answer: typeof fetch = async () => {
    await clock.sleep(latencyMillis());
    const { resetMillis } = use();
    const status = count > allowed ? 429 : 200;
    const headers = {
      'content-type': 'application/json',
      'inin-ratelimit-count': String(count),
      'inin-ratelimit-allowed': String(allowed),
      'inin-ratelimit-reset': String(round(resetMillis)),
      ...(status === 429 && { 'retry-after': String(Math.ceil(resetMillis / 1000)) }),
    };
    const response = new Response('{"conversation":{"id":"c"}}', { status, headers });
    await clock.sleep(latencyMillis());
    statuses.push(status);
    return response;
  };
  return {
    fetch: answer,
    /** In the order in which the answers came. */
    statuses,
    /** How many windows were opened in how many minutes: from the first one's opening to the last one's. */
    windows: () => ({
      count: openedAt.length - 1,
      minutes: ((openedAt.at(-1) ?? 0) - (openedAt[0] ?? 0)) / 60_000,
    }),
    /** Another container that shares the token makes a request. */
    useByAnother: () => void use(),
  };
}

/** The longest run of 429. */
export function throttledInARow(statuses: readonly number[]): number {
  let run = 0;
  let longest = 0;
  for (const status of statuses) {
    run = status === 429 ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}
