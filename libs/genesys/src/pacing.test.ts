import { type Clock, warpedClock } from '@aftercall/oauth';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createPlatformApi, type PlatformApi } from './index.ts';
import { type Counting, rateLimitedServer, throttledInARow } from './rate-limited-server.ts';

const unhurried = { remainingMillis: () => Infinity };
const tokens = { token: async () => 'token', drop: () => undefined };

/** As an answer of Genesys Cloud was seen: the first request of a minute is told to wait for 61 seconds. */
const AS_SEEN: Counting = {
  allowed: 300,
  round: (millis) => Math.floor(millis / 1000) + 1,
  windowEnd: (now) => now + 60_000,
  latencyMillis: () => 40,
};

function client(clock: Clock, server: { readonly fetch: typeof fetch }): PlatformApi {
  return createPlatformApi({
    baseUrl: 'https://api.example.com',
    tokens,
    fetch: server.fetch,
    clock,
    random: () => 0.5,
    onRateLimitRemaining: () => undefined,
  });
}

/** So many calls from so many at a time. */
async function calls(api: PlatformApi, count: number, concurrency: number): Promise<void> {
  let left = count;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await api.conversationMetrics('c', unhurried);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

describe('a client', () => {
  test.each([1, 4, 16])(
    'uses at least 95 %% of the rate limit with %d calls at a time, and is never over it',
    async (concurrency) => {
      const clock = warpedClock();
      const server = rateLimitedServer(clock, { ...AS_SEEN, latencyMillis: () => 10 });
      await calls(client(clock, server), 3_001, concurrency);
      expect(server.statuses).not.toContain(429);
      // Ten windows were used to the last request, and the eleventh opened.
      const { count, minutes } = server.windows();
      expect(count).toBe(10);
      expect(count / minutes).toBeGreaterThanOrEqual(0.95);
    },
  );

  test('that begins in the middle of a minute that others have used up waits once and is never over the limit twice', async () => {
    const clock = warpedClock();
    const server = rateLimitedServer(clock, AS_SEEN);
    for (let count = 0; count < 400; count += 1) server.useByAnother();
    await calls(client(clock, server), 1_000, 8);
    expect(server.statuses.filter((status) => status === 429)).toHaveLength(1);
  });

  test('whatever the server counts like, is never over the limit twice in a row', async () => {
    const counting = fc.record({
      allowed: fc.integer({ min: 1, max: 60 }),
      round: fc.constantFrom(
        (millis: number) => Math.floor(millis / 1000),
        (millis: number) => Math.ceil(millis / 1000),
        (millis: number) => Math.floor(millis / 1000) + 1,
      ),
      windowEnd: fc.constantFrom(
        (now: number) => now + 60_000,
        (now: number) => (Math.floor(now / 60_000) + 1) * 60_000,
      ),
      latencyMillis: fc.integer({ min: 0, max: 2_000 }).map((max) => {
        let turn = 0;
        return () => ((turn += 7) * 131) % (max + 1);
      }),
    });
    await fc.assert(
      fc.asyncProperty(counting, fc.integer({ min: 1, max: 12 }), async (how, concurrency) => {
        const clock = warpedClock();
        const server = rateLimitedServer(clock, how);
        await calls(client(clock, server), 150, concurrency);
        expect(throttledInARow(server.statuses)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60, seed: 4 },
    );
  });

  test('that shares its token with others, and is over the limit because of them, still never is so twice in a row', async () => {
    const clock = warpedClock();
    const server = rateLimitedServer(clock, { ...AS_SEEN, allowed: 50 });
    let requests = 0;
    const shared: typeof fetch = async (...args) => {
      requests += 1;
      // Now and then the other one takes twenty at once.
      if (requests % 12 === 0) for (let count = 0; count < 20; count += 1) server.useByAnother();
      return server.fetch(...args);
    };
    await calls(client(clock, { fetch: shared }), 300, 1);
    expect(server.statuses).toContain(429);
    expect(throttledInARow(server.statuses)).toBe(1);
  });
});
