import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { createTokenSource, redisTokenStore, systemClock, type TokenStore } from './index.ts';
import { type RedisTestServer, startRedisTestServer } from './redis-test-server.ts';
import { tokenStoreContract } from './token-store-contract.ts';

let redis: RedisTestServer;
let names = 0;
beforeAll(async () => {
  redis = await startRedisTestServer();
});
afterAll(() => redis?.close());

const clock = systemClock();
/** A name nobody has used: each test has a store of its own. */
const newName = () => `test-${(names += 1)}`;
const storeNamed = (name: string, url = redis.url) => redisTokenStore({ url: async () => url, name });

tokenStoreContract('Redis', async () => ({
  store: storeNamed(newName()),
  pass: (millis) => clock.sleep(millis),
  close: async () => undefined,
}));

describe('over TLS, with a user and a password', () => {
  test('a token goes in and out', async () => {
    tls.setDefaultCACertificates([...tls.getCACertificates('default'), redis.certificate]);
    const name = newName();
    const session = await storeNamed(name, redis.tlsUrl).open();
    await session.write({ accessToken: 'token-1', lifetimeMillis: 60_000 });
    await session.close();
    const plain = await storeNamed(name).open();
    expect(await plain.read()).toMatchObject({ accessToken: 'token-1' });
    await plain.close();
  });

  test('a wrong password is a store that is down', async () => {
    const url = redis.tlsUrl.replace('correct-horse', 'wrong-horse');
    await expect(storeNamed(newName(), url).open()).rejects.toThrow(/WRONGPASS/);
  });

  test('a certificate of another host is a store that is down', async () => {
    const url = redis.tlsUrl.replace('localhost', '127.0.0.1');
    await expect(storeNamed(newName(), url).open()).rejects.toThrow(/IP: 127\.0\.0\.1 is not in the cert/);
  });
});

test.each(['redis://cache.example.com:6379', 'http://127.0.0.1:6379', 'cache'])(
  'a token does not go to %s, which is not encrypted',
  async (url) => {
    await expect(storeNamed(newName(), url).open()).rejects.toThrow('must begin with rediss://');
  },
);

test('what is in the store and is no token counts as nothing', async () => {
  const { createClient } = await import('@redis/client');
  const client = createClient({ url: redis.url });
  await client.connect();
  const name = newName();
  const session = await storeNamed(name).open();
  for (const value of [
    '',
    'token',
    'null',
    '{"accessToken":"a b","lifetimeMillis":1}',
    '{"accessToken":"a"}',
  ]) {
    await client.set(`aftercall:{${name}}:token`, value, { expiration: { type: 'PX', value: 60_000 } });
    expect(await session.read()).toBeUndefined();
  }
  // Without an end it was not ours.
  await client.set(`aftercall:{${name}}:token`, '{"accessToken":"a","lifetimeMillis":60000}');
  expect(await session.read()).toBeUndefined();
  await session.close();
  client.destroy();
});

test('the client works in a bundle too, and is no part of what is loaded at once', async () => {
  const outdir = await mkdtemp(join(tmpdir(), 'aftercall-bundle-'));
  const contents = `import { redisTokenStore } from './index.ts';
    const session = await redisTokenStore({ url: async () => process.argv[2], name: 'bundled' }).open();
    await session.write({ accessToken: 'token-1', lifetimeMillis: 60000 });
    console.log((await session.read()).accessToken);
    await session.close();`;
  const { metafile } = await build({
    stdin: { contents, loader: 'ts', resolveDir: import.meta.dirname },
    ...{ outdir, bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node24' },
    ...{ outExtension: { '.js': '.mjs' }, metafile: true, logLevel: 'silent' },
    banner: {
      js: "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);",
    },
  });
  const { stdout } = await promisify(execFile)(process.execPath, [join(outdir, 'stdin.mjs'), redis.url]);
  expect(stdout.trim()).toBe('token-1');
  const entry = Object.entries(metafile.outputs).find(([name]) => name.endsWith('stdin.mjs'))?.[1];
  expect(entry?.bytes).toBeLessThan(20_000);
  await rm(outdir, { recursive: true });
});

describe('a burst', () => {
  let requests = 0;
  const containers = (count: number, store: TokenStore) =>
    Array.from({ length: count }, () =>
      createTokenSource({
        requestToken: async () => {
          requests += 1;
          const accessToken = `token-${requests}`;
          await clock.sleep(2_000);
          return { accessToken, lifetimeMillis: 60_000 };
        },
        credentials: {
          current: async () => ({ clientId: 'a1b2', clientSecret: 'correct-horse' }),
          refresh: async () => 'too-soon',
        },
        store,
        clock,
        random: () => Math.random(),
        newOwner: () => crypto.randomUUID(),
        log: { warn: (fields, message) => void warnings.push({ ...fields, message }) },
        countTokenRequest: () => undefined,
      }),
    );
  const warnings: object[] = [];

  test('of a thousand cold containers makes at most three token requests', async () => {
    const store = storeNamed(newName());
    // One process plays them all: they come within a second and a half, while the first one's request is under way.
    const tokens = await Promise.all(
      containers(1_000, store).map(async (source, index) => {
        await clock.sleep(1.5 * index);
        return source.token();
      }),
    );
    expect(warnings).toEqual([]);
    expect(new Set(tokens).size).toBe(1);
    expect(requests).toBeLessThanOrEqual(3);
  });
});

describe('a Redis that', () => {
  const source = (store: TokenStore, warnings: object[]) =>
    createTokenSource({
      requestToken: async () => ({ accessToken: 'token-of-our-own', lifetimeMillis: 60_000 }),
      credentials: {
        current: async () => ({ clientId: 'a1b2', clientSecret: 'correct-horse' }),
        refresh: async () => 'too-soon',
      },
      store,
      clock,
      random: () => Math.random(),
      newOwner: () => crypto.randomUUID(),
      log: { warn: (fields, message) => void warnings.push({ ...fields, message }) },
      countTokenRequest: () => undefined,
    });

  test('is not there leaves the container to itself, with a warning', async () => {
    const warnings: object[] = [];
    const store = storeNamed(newName(), 'redis://127.0.0.1:1');
    expect(await source(store, warnings).token()).toBe('token-of-our-own');
    expect(warnings).toHaveLength(1);
  });

  test('does not answer costs about a second, and leaves the container to itself', async () => {
    const warnings: object[] = [];
    redis.setAnswering('frozen');
    const startedAt = clock.elapsedMillis();
    try {
      expect(await source(storeNamed(newName()), warnings).token()).toBe('token-of-our-own');
    } finally {
      redis.setAnswering('answering');
    }
    expect(clock.elapsedMillis() - startedAt).toBeLessThan(4_000);
    expect(warnings).toHaveLength(1);
  });

  test('stops answering in mid-session ends the session in bounded time', async () => {
    const session = await storeNamed(newName()).open();
    redis.setAnswering('frozen');
    try {
      await expect(session.read()).rejects.toThrow('did not answer in time');
    } finally {
      redis.setAnswering('answering');
    }
    await session.close();
  });
});
