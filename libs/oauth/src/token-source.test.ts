import { describe, expect, test } from '@jest/globals';
import type { ClientCredentials, CredentialsSource, IssuedToken, TokenSource } from './index.ts';
import { createTokenSource, TokenRefusedError, TokenUnavailableError, warpedClock } from './index.ts';

const DAY_MILLIS = 86_400_000;
const credentials = { clientId: 'a1b2', clientSecret: 'correct-horse' };
const refusal = new TokenRefusedError('invalid-client', 'store another');

/** Credentials as a secret holds them: what `refresh` brings is given in order. */
function credentialsOf(
  ...versions: readonly ClientCredentials[]
): CredentialsSource & { refreshes(): number } {
  let version = 0;
  let refreshes = 0;
  return {
    current: async () => versions[version] ?? credentials,
    refresh: async () => {
      refreshes += 1;
      version = Math.min(version + 1, versions.length - 1);
      return 'refreshed';
    },
    refreshes: () => refreshes,
  };
}

type Answer = Partial<IssuedToken> | Error;

/** The endpoint gives the answers in order, the last one for ever; tokens are numbered. */
function setUp(
  answers: readonly Answer[] = [{}],
  source: CredentialsSource = credentialsOf(credentials),
  random: () => number = () => 0,
) {
  const clock = warpedClock();
  const asked: ClientCredentials[] = [];
  const logged: object[] = [];
  let counted = 0;
  const tokens = createTokenSource({
    requestToken: async (used) => {
      asked.push(used);
      const answer = answers[Math.min(asked.length, answers.length) - 1] ?? {};
      await clock.sleep(100);
      if (answer instanceof Error) throw answer;
      return { accessToken: `token-${asked.length}`, lifetimeMillis: DAY_MILLIS, ...answer };
    },
    credentials: source,
    clock,
    random,
    newOwner: () => 'owner',
    log: { warn: (fields, message) => void logged.push({ ...fields, message }) },
    countTokenRequest: () => void (counted += 1),
  });
  return { tokens, clock, asked, logged, counted: () => counted };
}

/** What came of it: the token or the error's name. */
const outcome = (tokens: TokenSource): Promise<string> =>
  tokens.token().catch((error: unknown) => (Error.isError(error) ? error.name : 'unknown'));

/** Until everything that runs in the background has come to rest. */
const settle = async (clock: ReturnType<typeof warpedClock>) => clock.sleep(1_000);

describe('a token', () => {
  test('is asked for once and then comes from memory', async () => {
    const { tokens, asked, counted } = setUp();
    expect([await tokens.token(), await tokens.token()]).toEqual(['token-1', 'token-1']);
    expect(asked).toEqual([credentials]);
    expect(counted()).toBe(1);
  });

  test('from memory is the same promise, made beforehand', async () => {
    const { tokens } = setUp();
    await tokens.token();
    expect(tokens.token()).toBe(tokens.token());
  });

  test('is asked for once by any number of callers', async () => {
    const { tokens, asked } = setUp();
    const all = await Promise.all(Array.from({ length: 1_000 }, () => tokens.token()));
    expect(new Set(all)).toEqual(new Set(['token-1']));
    expect(asked).toHaveLength(1);
  });

  test('whose caller stops waiting still comes for the others', async () => {
    const { tokens, asked } = setUp();
    const controller = new AbortController();
    const [impatient, patient] = [tokens.token(controller.signal), tokens.token()];
    controller.abort(new Error('no time left'));
    await expect(impatient).rejects.toThrow('no time left');
    expect(await patient).toBe('token-1');
    expect(asked).toHaveLength(1);
  });

  test('is not waited for by who has stopped already', async () => {
    const { tokens } = setUp();
    await expect(tokens.token(AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
  });
});

describe('a renewal', () => {
  // Without jitter: 150 s before the end of a day's token, a tenth of its life before that of a short one.
  test.each([
    [DAY_MILLIS, 150_000],
    [600_000, 60_000],
    [10_000, 1_000],
  ])('of a token of %d ms runs in the background, %d ms before its end', async (lifetimeMillis, margin) => {
    // The request takes a tenth of a second, which is no part of the life that is left.
    const { tokens, clock, asked } = setUp([{ lifetimeMillis: lifetimeMillis + 100 }]);
    await tokens.token();
    clock.pass(lifetimeMillis - margin - 1);
    expect(await tokens.token()).toBe('token-1');
    expect(asked).toHaveLength(1);
    clock.pass(1);
    expect(await Promise.all([tokens.token(), tokens.token()])).toEqual(['token-1', 'token-1']);
    await clock.sleep(200);
    expect(asked).toHaveLength(2);
    expect(await tokens.token()).toBe('token-2');
  });

  test('begins up to twice as early, at random, so that containers spread', async () => {
    const { tokens, clock, asked } = setUp([{}], credentialsOf(credentials), () => 0.999);
    await tokens.token();
    clock.pass(DAY_MILLIS - 100 - 299_850);
    await tokens.token();
    await settle(clock);
    expect(asked).toHaveLength(2);
  });

  test('that fails leaves the old token in use, is tried again later, and says so in the log without the token', async () => {
    const { tokens, clock, asked, logged } = setUp([{}, new TokenUnavailableError('busy'), {}]);
    await tokens.token();
    clock.pass(DAY_MILLIS - 100_000);
    expect(await tokens.token()).toBe('token-1');
    await settle(clock);
    expect(await tokens.token()).toBe('token-1');
    await settle(clock);
    expect(asked).toHaveLength(2);
    clock.pass(10_000);
    expect(await tokens.token()).toBe('token-1');
    await settle(clock);
    expect(await tokens.token()).toBe('token-3');
    expect(logged).toHaveLength(1);
    expect(JSON.stringify(logged)).not.toContain('token-');
  });

  test('that is told to wait waits as long as the old token lives', async () => {
    const { tokens, clock, asked } = setUp([
      {},
      new TokenUnavailableError('busy', { retryAfterSeconds: 60 }),
      {},
    ]);
    await tokens.token();
    clock.pass(DAY_MILLIS - 140_000);
    await tokens.token();
    await settle(clock);
    clock.pass(58_000);
    await tokens.token();
    await settle(clock);
    expect(asked).toHaveLength(2);
    clock.pass(2_000);
    await tokens.token();
    await settle(clock);
    expect(asked).toHaveLength(3);
  });

  test('is late after a long pause: an expired token is never given out', async () => {
    const { tokens, clock } = setUp();
    await tokens.token();
    clock.pass(DAY_MILLIS);
    expect(await tokens.token()).toBe('token-2');
  });

  test('of a token without a lifetime happens at each call, and nothing breaks', async () => {
    const { tokens } = setUp([{ lifetimeMillis: 0 }]);
    expect([await tokens.token(), await tokens.token()]).toEqual(['token-1', 'token-2']);
  });

  test('counts a lifetime from the request and not from the answer', async () => {
    const { tokens, clock } = setUp([{ lifetimeMillis: 1_000 }]);
    await tokens.token();
    clock.pass(899);
    expect(await tokens.token()).toBe('token-1');
    await settle(clock);
    clock.pass(1_000);
    expect(await tokens.token()).not.toBe('token-1');
  });
});

describe('a dropped token', () => {
  test('is replaced, once for all who were refused', async () => {
    const { tokens, asked } = setUp();
    await tokens.token();
    tokens.drop('token-1');
    tokens.drop('token-1');
    expect(await Promise.all([tokens.token(), tokens.token()])).toEqual(['token-2', 'token-2']);
    expect(asked).toHaveLength(2);
  });

  test('that is not the one in use any more changes nothing', async () => {
    const { tokens, asked } = setUp();
    await tokens.token();
    tokens.drop('token-0');
    expect(await tokens.token()).toBe('token-1');
    expect(asked).toHaveLength(1);
  });

  test('is not replaced more than once in ten seconds: an API that refuses every token drives no token requests', async () => {
    const { tokens, clock, asked } = setUp();
    for (let call = 0; call < 100; call += 1) {
      tokens.drop(await tokens.token());
      clock.pass(90);
    }
    expect(asked.length).toBeLessThanOrEqual(3);
  });
});

describe('refused credentials', () => {
  const rotated = { clientId: 'c3d4', clientSecret: 'battery-staple' };

  test('are read again once, and the new ones are used', async () => {
    const source = credentialsOf(credentials, rotated);
    const { tokens, asked } = setUp([refusal, {}], source);
    expect(await tokens.token()).toBe('token-2');
    expect(asked).toEqual([credentials, rotated]);
    expect(source.refreshes()).toBe(1);
  });

  test('that are the latest ones are an error to be corrected, after one request', async () => {
    const { tokens, asked } = setUp([refusal], credentialsOf(credentials, { ...credentials }));
    await expect(tokens.token()).rejects.toBe(refusal);
    expect(asked).toHaveLength(1);
  });

  test('that are refused in their new version too are an error to be corrected, after two requests', async () => {
    const { tokens, asked } = setUp([refusal], credentialsOf(credentials, rotated));
    await expect(tokens.token()).rejects.toBe(refusal);
    expect(asked).toHaveLength(2);
  });

  test('that cannot be read again prove nothing', async () => {
    const { tokens, asked } = setUp([refusal], {
      current: async () => credentials,
      refresh: async () => 'unavailable',
    });
    expect(await outcome(tokens)).toBe('TokenUnavailableError');
    expect(asked).toHaveLength(1);
  });

  test('are not tried again for half a minute, however many ask', async () => {
    const { tokens, clock, asked } = setUp([refusal, {}]);
    expect([await outcome(tokens), await outcome(tokens)]).toEqual([
      'TokenRefusedError',
      'TokenRefusedError',
    ]);
    clock.pass(29_000);
    expect(await outcome(tokens)).toBe('TokenRefusedError');
    expect(asked).toHaveLength(1);
    clock.pass(1_000);
    expect(await outcome(tokens)).toBe('token-2');
  });

  test('are not read again because of a wrong address', async () => {
    const source = credentialsOf(credentials, rotated);
    const { tokens } = setUp([new TokenRefusedError('wrong-endpoint', 'correct it')], source);
    expect(await outcome(tokens)).toBe('TokenRefusedError');
    expect(source.refreshes()).toBe(0);
  });
});

describe('an endpoint that is not available', () => {
  test('is left alone as long as it said, and everybody hears how long that still is', async () => {
    const { tokens, clock, asked } = setUp([
      new TokenUnavailableError('busy', { retryAfterSeconds: 17 }),
      {},
    ]);
    expect(await outcome(tokens)).toBe('TokenUnavailableError');
    clock.pass(7_000);
    await expect(tokens.token()).rejects.toMatchObject({ retryAfterSeconds: 10 });
    expect(asked).toHaveLength(1);
    clock.pass(10_000);
    expect(await outcome(tokens)).toBe('token-2');
  });

  test('is asked again at random times that lie further apart with each failure', async () => {
    const longest = () => 0.999;
    const down = [new TokenUnavailableError('down')];
    const { tokens, clock, asked } = setUp(down, credentialsOf(credentials), longest);
    const askedAt: number[] = [];
    while (clock.elapsedMillis() < 150_000) {
      const before = asked.length;
      await outcome(tokens);
      if (asked.length > before) askedAt.push(Math.round(clock.elapsedMillis() / 1_000));
      clock.pass(100);
    }
    expect(askedAt).toEqual([0, 1, 3, 7, 16, 32, 62, 92, 122]);
  });

  test('does not stand for a secret that cannot be read', async () => {
    let isReadable = false;
    const { tokens } = setUp([{}], {
      current: async () => (isReadable ? credentials : Promise.reject(new Error('secret unavailable'))),
      refresh: async () => 'unavailable',
    });
    await expect(tokens.token()).rejects.toThrow('secret unavailable');
    isReadable = true;
    expect(await tokens.token()).toBe('token-1');
  });
});
