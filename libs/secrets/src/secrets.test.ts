import { describe, expect, test } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import type { SecretStore } from './index.ts';
import { createSecrets, memorySecretStore, SecretUnavailableError } from './index.ts';

const name = 'aftercall/test/sources/main';
const current = `${name} AWSCURRENT`;
const previous = `${name} AWSPREVIOUS`;

const timing = { ttlSeconds: 100, refreshIntervalSeconds: 10, maxStaleSeconds: 1_000 };

/** Without jitter unless `random` says so. */
function setUp(random: () => number = () => 1) {
  let milliseconds = Date.parse('2026-11-22T10:00:00Z');
  const store = memorySecretStore();
  const secrets = createSecrets({ store, now: () => new Date(milliseconds), random, ...timing });
  const pass = (seconds: number) => {
    milliseconds += seconds * 1000;
  };
  return { store, secrets, pass };
}

/** Secrets over a store that does what the test says. */
function secretsOver(getSecretValue: SecretStore['getSecretValue']) {
  return createSecrets({ store: { getSecretValue }, now: () => new Date(0), random: () => 1, ...timing });
}

describe('values', () => {
  test('a cold read is one call for the current version', async () => {
    const { store, secrets } = setUp();
    store.put(name, { AWSCURRENT: 'new', AWSPREVIOUS: 'old' });
    expect(await secrets.values(name)).toEqual(['new']);
    expect(store.reads()).toEqual([current]);
  });

  test('are read again after their TTL and not before', async () => {
    const { store, secrets, pass } = setUp();
    store.put(name, { AWSCURRENT: 'one' });
    await secrets.values(name);
    store.put(name, { AWSCURRENT: 'two' });
    pass(99);
    expect(await secrets.values(name)).toEqual(['one']);
    pass(1);
    expect(await secrets.values(name)).toEqual(['two']);
    expect(store.reads()).toEqual([current, current]);
  });

  test.each([
    [0, 80],
    [0.5, 90],
    [1, 100],
  ])('with jitter %d live for %d of 100 seconds', async (random, seconds) => {
    const { store, secrets, pass } = setUp(() => random);
    store.put(name, { AWSCURRENT: 'one' });
    await secrets.values(name);
    pass(seconds - 1);
    await secrets.values(name);
    expect(store.reads()).toHaveLength(1);
    pass(1);
    await secrets.values(name);
    expect(store.reads()).toHaveLength(2);
  });

  test('many callers share one read, each name has its own', async () => {
    const { store, secrets } = setUp();
    store.put(name, { AWSCURRENT: 'one' });
    store.put('other', { AWSCURRENT: 'two' });
    const read = await Promise.all([secrets.values(name), secrets.values('other'), secrets.values(name)]);
    expect(read).toEqual([['one'], ['two'], ['one']]);
    expect(store.reads()).toEqual([current, 'other AWSCURRENT']);
  });

  test('of a secret that does not exist are none, remembered only briefly', async () => {
    const { store, secrets, pass } = setUp();
    expect(await secrets.values(name)).toEqual([]);
    pass(9);
    expect(await secrets.values(name)).toEqual([]);
    expect(store.reads()).toHaveLength(1);
    store.put(name, { AWSCURRENT: 'made' });
    pass(1);
    expect(await secrets.values(name)).toEqual(['made']);
  });

  test('of a secret that was deleted are none after the TTL', async () => {
    const { store, secrets, pass } = setUp();
    store.put(name, { AWSCURRENT: 'one' });
    await secrets.values(name);
    store.put(name, {});
    pass(100);
    expect(await secrets.values(name)).toEqual([]);
  });
});

describe('while the store is down', () => {
  test('a cold read throws, names the secret and tries again at the next call', async () => {
    const { store, secrets } = setUp();
    store.put(name, { AWSCURRENT: 'one' });
    store.become('down');
    await expect(secrets.values(name)).rejects.toThrow(`secret ${name} is not available`);
    store.become('up');
    expect(await secrets.values(name)).toEqual(['one']);
  });

  test('values already read go on, and not every caller waits for the store', async () => {
    const { store, secrets, pass } = setUp();
    store.put(name, { AWSCURRENT: 'one' });
    await secrets.values(name);
    store.become('down');
    pass(100);
    for (let call = 0; call < 5; call += 1) expect(await secrets.values(name)).toEqual(['one']);
    expect(store.reads()).toHaveLength(2);
    pass(10);
    expect(await secrets.values(name)).toEqual(['one']);
    expect(store.reads()).toHaveLength(3);
  });

  test('stale values end after maxStaleSeconds, and the next good read heals', async () => {
    const { store, secrets, pass } = setUp();
    store.put(name, { AWSCURRENT: 'one' });
    await secrets.values(name);
    store.become('down');
    pass(100 + 999);
    expect(await secrets.values(name)).toEqual(['one']);
    pass(1);
    await expect(secrets.values(name)).rejects.toBeInstanceOf(SecretUnavailableError);
    store.become('up');
    expect(await secrets.values(name)).toEqual(['one']);
  });

  test('"there is no such secret" is not served stale', async () => {
    const { store, secrets, pass } = setUp();
    await secrets.values(name);
    store.become('down');
    pass(10);
    await expect(secrets.values(name)).rejects.toBeInstanceOf(SecretUnavailableError);
  });
});

describe('refresh', () => {
  test('reads both versions, the current one first', async () => {
    const { store, secrets } = setUp();
    store.put(name, { AWSCURRENT: 'old' });
    await secrets.values(name);
    store.put(name, { AWSCURRENT: 'new', AWSPREVIOUS: 'old' });
    expect(await secrets.refresh(name)).toBe('refreshed');
    expect(await secrets.values(name)).toEqual(['new', 'old']);
    expect(store.reads()).toEqual([current, current, previous]);
  });

  test('is possible at once after a cold read and after a renewal', async () => {
    const { store, secrets, pass } = setUp();
    store.put(name, { AWSCURRENT: 'one' });
    await secrets.values(name);
    expect(await secrets.refresh(name)).toBe('refreshed');
    pass(100);
    await secrets.values(name);
    expect(await secrets.refresh(name)).toBe('refreshed');
  });

  test('happens once per interval and name, however many forged deliveries come', async () => {
    const { store, secrets, pass } = setUp();
    store.put(name, { AWSCURRENT: 'one' });
    await secrets.refresh(name);
    const results = await Promise.all(Array.from({ length: 100 }, () => secrets.refresh(name)));
    expect(new Set(results)).toEqual(new Set(['too-soon']));
    expect(store.reads()).toHaveLength(2);
    expect(await secrets.refresh('other')).toBe('refreshed');
    pass(10);
    expect(await secrets.refresh(name)).toBe('refreshed');
  });

  test('asked for by many at once is one refresh for all', async () => {
    const { store, secrets } = setUp();
    store.put(name, { AWSCURRENT: 'one' });
    const results = await Promise.all([secrets.refresh(name), secrets.refresh(name), secrets.values(name)]);
    expect(results).toEqual(['refreshed', 'refreshed', ['one']]);
    expect(store.reads()).toEqual([current, previous]);
  });

  test('during a cold read still reads the previous version', async () => {
    const { store, secrets } = setUp();
    store.put(name, { AWSCURRENT: 'new', AWSPREVIOUS: 'old' });
    const [cold, refreshed] = await Promise.all([secrets.values(name), secrets.refresh(name)]);
    expect([cold, refreshed]).toEqual([['new'], 'refreshed']);
    expect(await secrets.values(name)).toEqual(['new', 'old']);
  });

  test('makes every later renewal read both versions', async () => {
    const { store, secrets, pass } = setUp();
    store.put(name, { AWSCURRENT: 'one' });
    await secrets.refresh(name);
    store.put(name, { AWSCURRENT: 'two', AWSPREVIOUS: 'one' });
    pass(100);
    expect(await secrets.values(name)).toEqual(['two', 'one']);
  });

  test('is unavailable while the store is down, also inside the interval and without asking again', async () => {
    const { store, secrets, pass } = setUp();
    store.put(name, { AWSCURRENT: 'one' });
    await secrets.values(name);
    store.become('down');
    expect(await secrets.refresh(name)).toBe('unavailable');
    const asked = store.reads().length;
    expect(await secrets.refresh(name)).toBe('unavailable');
    expect(store.reads()).toHaveLength(asked);
    expect(await secrets.values(name)).toEqual(['one']);
    store.become('up');
    pass(10);
    expect(await secrets.refresh(name)).toBe('refreshed');
  });

  test('is unavailable right after a failed renewal: the truth is unknown', async () => {
    const { store, secrets, pass } = setUp();
    store.put(name, { AWSCURRENT: 'one' });
    await secrets.values(name);
    store.become('down');
    pass(100);
    await secrets.values(name);
    store.become('up');
    const asked = store.reads().length;
    expect(await secrets.refresh(name)).toBe('unavailable');
    expect(store.reads()).toHaveLength(asked);
  });

  test('is possible at once when a cold read has failed and the next one succeeded', async () => {
    const { store, secrets } = setUp();
    store.put(name, { AWSCURRENT: 'new', AWSPREVIOUS: 'old' });
    store.become('down');
    await expect(secrets.values(name)).rejects.toBeInstanceOf(SecretUnavailableError);
    store.become('up');
    expect(await secrets.values(name)).toEqual(['new']);
    expect(await secrets.refresh(name)).toBe('refreshed');
    expect(await secrets.values(name)).toEqual(['new', 'old']);
    expect(await secrets.refresh(name)).toBe('too-soon');
  });

  test('of a secret that does not exist leaves no values', async () => {
    const { secrets } = setUp();
    expect(await secrets.refresh(name)).toBe('refreshed');
    expect(await secrets.values(name)).toEqual([]);
  });
});

describe('an empty secret', () => {
  test.each(['', ' ', '\r\n', '\0\0'])('with the value %j is refused where it is read', async (blank) => {
    const { store, secrets } = setUp();
    store.put(name, { AWSCURRENT: blank });
    await expect(secrets.values(name)).rejects.toMatchObject({
      name: 'SecretUnavailableError',
      secretName: name,
    });
    expect(await secrets.refresh(name)).toBe('unavailable');
  });

  test('does not take the place of a good one', async () => {
    const { store, secrets } = setUp();
    store.put(name, { AWSCURRENT: 'good' });
    await secrets.values(name);
    store.put(name, { AWSCURRENT: ' ', AWSPREVIOUS: 'good' });
    expect(await secrets.refresh(name)).toBe('unavailable');
    expect(await secrets.values(name)).toEqual(['good']);
  });

  test.each([' ', '', 'one'])('or a repeated one as the previous version (%j) is left out', async (old) => {
    const { store, secrets } = setUp();
    store.put(name, { AWSCURRENT: 'one', AWSPREVIOUS: old });
    await secrets.refresh(name);
    expect(await secrets.values(name)).toEqual(['one']);
  });
});

describe('a caller that stops waiting', () => {
  test('does not end the read for the others', async () => {
    const reading = Promise.withResolvers<string>();
    let read: AbortSignal | undefined;
    const secrets = secretsOver((_name, _stage, signal) => {
      read = signal;
      return reading.promise;
    });
    const controller = new AbortController();
    const leaving = secrets.values(name, controller.signal);
    const staying = secrets.values(name);
    controller.abort();
    await expect(leaving).rejects.toBeInstanceOf(SecretUnavailableError);
    expect(read?.aborted).toBe(false);
    reading.resolve('one');
    expect(await staying).toEqual(['one']);
    expect(await secrets.values(name)).toEqual(['one']);
  });

  test('ends the read when it is the last one, and the next caller starts anew', async () => {
    const { store, secrets } = setUp();
    store.put(name, { AWSCURRENT: 'one' });
    store.become('hanging');
    const [first, second] = [new AbortController(), new AbortController()];
    const both = [secrets.values(name, first.signal), secrets.values(name, second.signal)];
    first.abort();
    second.abort();
    const settled = await Promise.allSettled(both);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    store.become('up');
    expect(await secrets.values(name)).toEqual(['one']);
    await setImmediate();
    expect(await secrets.values(name)).toEqual(['one']);
    expect(store.reads()).toEqual([current, current]);
  });

  test('leaves behind no read that the next caller waits for, or that overwrites what that one reads', async () => {
    const reads = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
    const started: PromiseWithResolvers<string>[] = [];
    const secrets = secretsOver(() => {
      const read = reads[started.length] ?? Promise.withResolvers<string>();
      started.push(read);
      return read.promise;
    });
    const controller = new AbortController();
    const leaving = secrets.values(name, controller.signal);
    controller.abort();
    await expect(leaving).rejects.toBeInstanceOf(SecretUnavailableError);
    const next = secrets.values(name);
    reads[1]?.resolve('new');
    expect(await next).toEqual(['new']);
    reads[0]?.resolve('late');
    await setImmediate();
    expect(await secrets.values(name)).toEqual(['new']);
    expect(started).toHaveLength(2);
  });

  test('with values at hand gets those', async () => {
    const { store, secrets, pass } = setUp();
    store.put(name, { AWSCURRENT: 'one' });
    await secrets.values(name);
    store.become('hanging');
    pass(100);
    expect(await secrets.values(name, AbortSignal.timeout(10))).toEqual(['one']);
    await setImmediate();
    expect(await secrets.refresh(name)).toBe('unavailable');
  });

  test('before it began makes no read', async () => {
    const { store, secrets } = setUp();
    await expect(secrets.values(name, AbortSignal.abort())).rejects.toBeInstanceOf(SecretUnavailableError);
    expect(await secrets.refresh(name, AbortSignal.abort())).toBe('unavailable');
    expect(store.reads()).toEqual([]);
  });
});

test('no error shows a value', async () => {
  const secrets = secretsOver(() => Promise.reject(new Error('got hunter2')));
  const error = await secrets.values(name).catch((reason: unknown) => reason);
  expect(String(error)).toContain(name);
  expect(String(error)).not.toContain('hunter2');
});
