import { describe, expect, test } from '@jest/globals';
import type { IssuedToken, TokenStore } from './index.ts';
import {
  createTokenSource,
  memoryTokenStore,
  TokenRefusedError,
  TokenUnavailableError,
  warpedClock,
} from './index.ts';

const HOUR_MILLIS = 3_600_000;

/** Containers with one store and one endpoint, which numbers its tokens and takes 300 ms. */
function setUp(answer: (count: number) => Partial<IssuedToken> | Error = () => ({})) {
  const clock = warpedClock();
  const store = memoryTokenStore(clock);
  const logged: string[] = [];
  let requests = 0;
  let containers = 0;
  const container = (ownStore: TokenStore = store) => {
    containers += 1;
    const name = `container-${containers}`;
    return createTokenSource({
      requestToken: async () => {
        requests += 1;
        const accessToken = `token-${requests}`;
        const result = answer(requests);
        await clock.sleep(300);
        if (result instanceof Error) throw result;
        return { accessToken, lifetimeMillis: HOUR_MILLIS, ...result };
      },
      credentials: {
        current: async () => ({ clientId: 'a1b2', clientSecret: 'correct-horse' }),
        refresh: async () => 'too-soon',
      },
      store: ownStore,
      clock,
      random: () => Math.random(),
      newOwner: () => name,
      log: { warn: (fields, message) => void logged.push(JSON.stringify({ ...fields, message })) },
      countTokenRequest: () => undefined,
    });
  };
  return { clock, store, container, logged, requests: () => requests };
}

describe('containers that share a store', () => {
  test('make one token request in a burst of a thousand cold starts', async () => {
    const { container, requests } = setUp();
    const containers = Array.from({ length: 1_000 }, () => container());
    const tokens = await Promise.all(containers.map((source) => source.token()));
    expect(new Set(tokens)).toEqual(new Set(['token-1']));
    expect(requests()).toBe(1);
  });

  test('make one token request when the token of all comes to its end', async () => {
    const { container, clock, requests } = setUp();
    const containers = Array.from({ length: 200 }, () => container());
    for (const source of containers) await source.token();
    clock.pass(HOUR_MILLIS - 1_000);
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(containers.map((source) => source.token()));
      await clock.sleep(12_000);
    }
    const tokens = await Promise.all(containers.map((source) => source.token()));
    expect(new Set(tokens)).toEqual(new Set(['token-2']));
    expect(requests()).toBe(2);
  });

  test('make one token request when the API refuses the token of all', async () => {
    const { container, requests } = setUp();
    const containers = Array.from({ length: 200 }, () => container());
    await Promise.all(containers.map((source) => source.token()));
    const tokens = await Promise.all(
      containers.map((source) => {
        source.drop('token-1');
        return source.token();
      }),
    );
    expect(new Set(tokens)).toEqual(new Set(['token-2']));
    expect(requests()).toBe(2);
  });

  test('do not take back the token that was refused, though it is still in the store', async () => {
    const { container, requests } = setUp();
    const [first, second] = [container(), container()];
    await first.token();
    expect(await second.token()).toBe('token-1');
    second.drop('token-1');
    expect(await second.token()).toBe('token-2');
    expect(await first.token()).toBe('token-1');
    first.drop('token-1');
    expect(await first.token()).toBe('token-2');
    expect(requests()).toBe(2);
  });

  test('find what was put there between their look and their lease', async () => {
    const { container, store, requests } = setUp();
    const overtaken: TokenStore = {
      open: async () => {
        const session = await store.open();
        return {
          ...session,
          acquire: async (owner, leaseMillis) => {
            await session.write({ accessToken: 'token-of-another', lifetimeMillis: HOUR_MILLIS });
            return session.acquire(owner, leaseMillis);
          },
        };
      },
    };
    expect(await container(overtaken).token()).toBe('token-of-another');
    expect(requests()).toBe(0);
    expect(await (await store.open()).acquire('next', 1_000)).toBe(true);
  });

  test('outlive the one that died while it had the lease', async () => {
    const { container, clock, store, requests } = setUp();
    const session = await store.open();
    await session.acquire('dead', 10_000);
    const startedAt = clock.elapsedMillis();
    expect(await container().token()).toBe('token-1');
    expect(clock.elapsedMillis() - startedAt).toBeLessThan(11_000);
    expect(requests()).toBe(1);
  });

  test('give up in bounded time when others hold the lease and get nothing', async () => {
    const { container, clock, store, requests } = setUp();
    const session = await store.open();
    await session.acquire('stuck', 3_600_000);
    const startedAt = clock.elapsedMillis();
    await expect(container().token()).rejects.toMatchObject({
      name: 'TokenUnavailableError',
      retryAfterSeconds: 10,
    });
    expect(clock.elapsedMillis() - startedAt).toBeLessThan(26_000);
    expect(requests()).toBe(0);
  });

  test('keep the old token while another one is renewing it', async () => {
    const { container, clock, store, requests } = setUp();
    const source = container();
    await source.token();
    clock.pass(HOUR_MILLIS - 100_000);
    const session = await store.open();
    await session.acquire('another', 60_000);
    expect(await source.token()).toBe('token-1');
    await clock.sleep(1_000);
    expect(await source.token()).toBe('token-1');
    expect(requests()).toBe(1);
    await session.write({ accessToken: 'token-of-another', lifetimeMillis: HOUR_MILLIS });
    await session.release('another', 0);
    await clock.sleep(11_000);
    await source.token();
    await clock.sleep(1_000);
    expect(await source.token()).toBe('token-of-another');
  });

  test('do not wait for one that is renewing it: they look once and come again later', async () => {
    const { container, clock, store } = setUp();
    let reads = 0;
    const counting: TokenStore = {
      open: async () => {
        const session = await store.open();
        return { ...session, read: () => ((reads += 1), session.read()) };
      },
    };
    const source = container(counting);
    await source.token();
    clock.pass(HOUR_MILLIS - 100_000);
    await (await store.open()).acquire('another', 60_000);
    reads = 0;
    for (let count = 0; count < 10; count += 1) {
      await source.token();
      await clock.sleep(100);
    }
    expect(reads).toBe(1);
  });

  test('take over a token with the time that is left of it, not with its whole life', async () => {
    const { container, clock, requests } = setUp();
    await container().token();
    clock.pass(HOUR_MILLIS - 10_000);
    const late = container();
    expect(await late.token()).toBe('token-1');
    clock.pass(10_000);
    expect(await late.token()).toBe('token-2');
    expect(requests()).toBe(2);
  });

  test.each([
    ['is down', new TokenUnavailableError('down', { retryAfterSeconds: 20 })],
    ['refuses the credentials', new TokenRefusedError('invalid-client', 'store another')],
  ])('leave an endpoint alone that %s: a burst is a handful of requests', async (_case, error) => {
    const { container, requests } = setUp(() => error);
    const containers = Array.from({ length: 300 }, () => container());
    const results = await Promise.allSettled(containers.map((source) => source.token()));
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);
    expect(requests()).toBeLessThanOrEqual(3);
  });
});

describe('a store that is down', () => {
  test('leaves every container to itself, with a warning and without the token in it', async () => {
    const { container, store, logged, requests } = setUp();
    store.become('down');
    const [first, second] = [container(), container()];
    expect([await first.token(), await second.token()]).toEqual(['token-1', 'token-2']);
    expect(await first.token()).toBe('token-1');
    expect(requests()).toBe(2);
    expect(logged).toHaveLength(2);
    expect(logged.join()).not.toMatch(/token-\d/);
  });

  test('is used again when it is back', async () => {
    const { container, store, requests } = setUp();
    store.become('down');
    await container().token();
    store.become('up');
    await container().token();
    expect(await container().token()).toBe('token-2');
    expect(requests()).toBe(2);
  });

  test('between lease and token costs nobody the token', async () => {
    const { container, store } = setUp(() => {
      store.become('down');
      return {};
    });
    expect(await container().token()).toBe('token-1');
  });
});
