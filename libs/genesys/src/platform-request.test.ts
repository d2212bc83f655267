import { TokenUnavailableError, warpedClock } from '@aftercall/oauth';
import { describe, expect, test } from '@jest/globals';
import type { CallBudget } from './index.ts';
import {
  createPlatformApi,
  GenesysAnswerError,
  GenesysRefusedError,
  GenesysUnavailableError,
} from './index.ts';

type Answer = Response | Error | 'hang';

interface Sent {
  readonly url: string;
  readonly init: RequestInit;
  readonly atMillis: number;
}

const ok =
  (body: unknown = {}, headers: Record<string, string> = {}) =>
  () =>
    new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json', ...headers } });
const failed =
  (status: number, headers: Record<string, string> = {}, body: unknown = {}) =>
  () =>
    new Response(JSON.stringify(body), {
      status,
      headers: { 'content-type': 'application/json', ...headers },
    });
const page = (status: number) => () =>
  new Response('<html>Sorry</html>', { status, headers: { 'content-type': 'text/html' } });

/** An API that gives the answers in order, the last one for ever, each after a tenth of a second. */
function setUp(...answers: readonly (() => Answer)[]) {
  const clock = warpedClock();
  const sent: Sent[] = [];
  const remaining: number[] = [];
  const dropped: string[] = [];
  const answering: typeof fetch = async (input, init = {}) => {
    sent.push({ url: new Request(input).url, init, atMillis: clock.elapsedMillis() });
    const answer = answers[Math.min(sent.length, answers.length) - 1]?.() ?? 'hang';
    await clock.sleep(100);
    if (answer instanceof Error) throw answer;
    if (answer !== 'hang') return answer;
    return new Promise((_resolve, reject) => {
      init.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error));
    });
  };
  const api = createPlatformApi({
    baseUrl: 'https://api.example.com',
    tokens: {
      token: async () => `token-${dropped.length + 1}`,
      drop: (token) => void dropped.push(token),
    },
    fetch: answering,
    clock,
    random: () => 0.999,
    onRateLimitRemaining: (left) => void remaining.push(left),
  });
  const budget = (millis = Infinity): CallBudget => {
    const endsAt = clock.elapsedMillis() + millis;
    return { remainingMillis: () => endsAt - clock.elapsedMillis() };
  };
  return {
    api,
    clock,
    sent,
    remaining,
    dropped,
    budget,
    waits: () => sent.slice(1).map(({ atMillis }, index) => atMillis - (sent[index]?.atMillis ?? 0) - 100),
  };
}

async function failure(promise: Promise<unknown>) {
  const error: unknown = await promise.catch((thrown: unknown) => thrown);
  if (
    error instanceof GenesysAnswerError ||
    error instanceof GenesysRefusedError ||
    error instanceof GenesysUnavailableError
  )
    return error;
  throw new Error('there was no failure, or not one of ours', { cause: error });
}

describe('a request', () => {
  test('bears the token, asks for JSON and does not follow redirects', async () => {
    const { api, sent, budget } = setUp(ok());
    await api.conversationMetrics('c1', budget());
    expect(sent[0]?.url).toBe('https://api.example.com/api/v2/speechandtextanalytics/conversations/c1');
    expect(sent[0]?.init).toMatchObject({
      method: 'GET',
      redirect: 'manual',
      headers: { authorization: 'Bearer token-1', accept: 'application/json' },
    });
  });

  test('keeps an id an id', async () => {
    const { api, sent, budget } = setUp(ok());
    await api.conversationMetrics('../users?a=b#c/%2e', budget());
    expect(sent[0]?.url).toBe(
      'https://api.example.com/api/v2/speechandtextanalytics/conversations/..%2Fusers%3Fa%3Db%23c%2F%252e',
    );
  });

  test.each(['', '.', '..', '\ud800'])(
    'is not made for the id %j, which would lead elsewhere',
    async (id) => {
      const { api, sent, budget } = setUp(ok());
      expect(await failure(api.conversationMetrics(id, budget()))).toBeInstanceOf(GenesysRefusedError);
      expect(sent).toEqual([]);
    },
  );

  test('tells how much of the rate limit is left', async () => {
    const headers = {
      'inin-ratelimit-count': '280',
      'inin-ratelimit-allowed': '300',
      'inin-ratelimit-reset': '9',
    };
    const { api, remaining, budget } = setUp(
      ok({}, headers),
      ok({}, { ...headers, 'x-ratelimit-remaining': '7' }),
    );
    await api.conversationMetrics('c1', budget());
    await api.conversationMetrics('c1', budget());
    expect(remaining).toEqual([20, 7]);
  });
});

describe('an expired token', () => {
  test('is dropped, and the request is made once more with the next one', async () => {
    const { api, sent, dropped, budget } = setUp(failed(401), ok({ sentimentScore: 0.5 }));
    expect(await api.conversationMetrics('c1', budget())).toMatchObject({ sentimentScore: 0.5 });
    expect(dropped).toEqual(['token-1']);
    expect(sent.map(({ init }) => new Headers(init.headers).get('authorization'))).toEqual([
      'Bearer token-1',
      'Bearer token-2',
    ]);
  });

  test('that is followed by another one is for somebody to look at', async () => {
    const { api, sent, budget } = setUp(failed(401, { 'inin-correlation-id': 'c0ff-ee' }));
    const error = await failure(api.conversationMetrics('c1', budget()));
    expect(error).toBeInstanceOf(GenesysRefusedError);
    expect(error.message).toContain('check that the OAuth client is active');
    expect(error.call).toMatchObject({ status: 401, correlationId: 'c0ff-ee' });
    expect(sent).toHaveLength(2);
  });

  test('that cannot be replaced now is the error of the token source', async () => {
    const clock = warpedClock();
    const api = createPlatformApi({
      baseUrl: 'https://api.example.com',
      tokens: { token: () => Promise.reject(new TokenUnavailableError('busy')), drop: () => undefined },
      fetch: () => Promise.reject(new Error('must not be reached')),
      clock,
      random: () => 0.5,
      onRateLimitRemaining: () => undefined,
    });
    const budget = { remainingMillis: () => 1_000 };
    // More than once, so that a place in the queue that was not given back would be noticed.
    for (let call = 0; call < 3; call += 1)
      await expect(api.conversationMetrics('c1', budget)).rejects.toThrow(TokenUnavailableError);
  });
});

describe('a rate limit', () => {
  test.each([
    ['seconds', { 'retry-after': '17' }, 17_000],
    [
      'a date, whatever our clock says',
      { 'retry-after': 'Sun, 22 Nov 2026 10:00:42 GMT', date: 'Sun, 22 Nov 2026 10:00:00 GMT' },
      42_000,
    ],
    [
      'nonsense, beside the reset of the window',
      { 'retry-after': 'soon', 'inin-ratelimit-reset': '23' },
      23_000,
    ],
  ])('is obeyed to the second: %s', async (_case, headers, waitMillis) => {
    const { api, waits, budget } = setUp(failed(429, headers), ok());
    await api.conversationMetrics('c1', budget());
    expect(waits()).toEqual([waitMillis]);
  });

  test('that says nothing of use is backed off from', async () => {
    const { api, waits, budget } = setUp(failed(429, { 'retry-after': 'soon' }), ok());
    await api.conversationMetrics('c1', budget());
    expect(waits()[0]).toBeCloseTo(999, 0);
  });

  test('holds back every other call too, and lets one go ahead first', async () => {
    const { api, clock, sent, budget } = setUp(failed(429, { 'retry-after': '30' }), ok());
    const first = api.conversationMetrics('c1', budget());
    await clock.sleep(1_000);
    const others = Array.from({ length: 5 }, () => api.conversationMetrics('c2', budget()));
    await Promise.all([first, ...others]);
    expect(sent.map(({ atMillis }) => atMillis)).toEqual([0, 30_100, 30_200, 30_200, 30_200, 30_200, 30_200]);
  });

  test('is not waited for when there is no time: the error says when to come again', async () => {
    const { api, clock, sent, budget } = setUp(
      failed(429, { 'retry-after': '17' }, { code: 'too.many.requests.retry.after' }),
    );
    const error = await failure(api.conversationMetrics('c1', budget(10_000)));
    expect(error).toMatchObject({ name: 'GenesysUnavailableError', retryAfterSeconds: 17 });
    expect(clock.elapsedMillis()).toBeLessThan(1_000);
    expect(sent).toHaveLength(1);
  });

  test('that never ends, ends the call after five attempts', async () => {
    const { api, sent, budget } = setUp(failed(429, { 'retry-after': '1' }));
    expect(await failure(api.conversationMetrics('c1', budget()))).toMatchObject({
      name: 'GenesysUnavailableError',
      call: { status: 429 },
      retryAfterSeconds: 1,
    });
    expect(sent).toHaveLength(5);
  });

  test('that is used up is not tried: the next call waits for the window to end', async () => {
    const headers = {
      'inin-ratelimit-count': '300',
      'inin-ratelimit-allowed': '300',
      'inin-ratelimit-reset': '20',
    };
    const { api, waits, budget } = setUp(ok({}, headers), ok());
    await api.conversationMetrics('c1', budget());
    await api.conversationMetrics('c2', budget());
    expect(waits()).toEqual([21_000]);
  });

  test('of a gateway that names only what remains is kept to', async () => {
    const { api, waits, budget } = setUp(ok({}, { 'x-ratelimit-remaining': '0' }), ok());
    await api.conversationMetrics('c1', budget());
    await api.conversationMetrics('c2', budget());
    expect(waits()).toEqual([61_000]);
  });

  test('that nobody speaks of holds nobody back', async () => {
    const { api, clock, budget } = setUp(ok());
    await Promise.all(Array.from({ length: 50 }, () => api.conversationMetrics('c1', budget())));
    expect(clock.elapsedMillis()).toBeLessThan(1_000);
  });
});

describe('an outage', () => {
  test.each([
    ['500', failed(500)],
    ['502 with a web page', page(502)],
    ['200 with a web page', page(200)],
    ['404 with a web page', page(404)],
    ['403 with a web page', page(403)],
    ['408', failed(408)],
    [
      'a broken connection',
      () =>
        Object.assign(new TypeError('fetch failed'), {
          cause: Object.assign(new Error('x'), { code: 'ECONNRESET' }),
        }),
    ],
    ['half an answer', () => new Response('{"conversa', { headers: { 'content-type': 'application/json' } })],
  ])('is tried again after random waits that grow: %s', async (_case, answer) => {
    const { api, waits, budget } = setUp(answer, answer, answer, ok({ sentimentScore: 1 }));
    expect(await api.conversationMetrics('c1', budget())).toMatchObject({ sentimentScore: 1 });
    expect(waits().map(Math.round)).toEqual([500, 999, 1_998]);
  });

  test('that says how long it lasts is believed', async () => {
    const { api, waits, budget } = setUp(failed(503, { 'retry-after': '9' }), ok());
    await api.conversationMetrics('c1', budget());
    expect(waits()).toEqual([9_000]);
  });

  test('ends the call after five attempts', async () => {
    const { api, sent, budget } = setUp(
      failed(500, { 'inin-correlation-id': 'c0ff-ee' }, { code: 'internal.server.error' }),
    );
    const error = await failure(api.conversationMetrics('c1', budget()));
    expect(error).toMatchObject({
      name: 'GenesysUnavailableError',
      message: 'conversationMetrics failed (500, internal.server.error, correlation id c0ff-ee)',
    });
    expect(sent).toHaveLength(5);
  });

  test('is not sat out by who has no time left', async () => {
    const { api, sent, clock, budget } = setUp(failed(500));
    await failure(api.conversationMetrics('c1', budget(1_500)));
    expect(sent).toHaveLength(2);
    expect(clock.elapsedMillis()).toBeLessThan(1_500);
  });

  test('is not even noticed by who has no time at all', async () => {
    const { api, sent, budget } = setUp(ok());
    expect(await failure(api.conversationMetrics('c1', budget(0)))).toBeInstanceOf(GenesysUnavailableError);
    expect(sent).toEqual([]);
  });
});

describe('a call that hangs', () => {
  test('ends with the time that the caller has', async () => {
    const { api, budget } = setUp(() => 'hang');
    // The request's own time is the machine's; the rest of it here is warped.
    const error = await failure(api.conversationMetrics('c1', { ...budget(150), remainingMillis: () => 50 }));
    expect(error.message).toBe('conversationMetrics got no answer: TimeoutError');
  });

  test('for its token ends with the time that the caller has', async () => {
    const api = createPlatformApi({
      baseUrl: 'https://api.example.com',
      tokens: {
        token: (signal) =>
          new Promise((_resolve, reject) => {
            signal?.addEventListener('abort', () => reject(signal?.reason as Error));
          }),
        drop: () => undefined,
      },
      fetch: () => Promise.reject(new Error('must not be reached')),
      clock: warpedClock(),
      random: () => 0.5,
      onRateLimitRemaining: () => undefined,
    });
    let asked = 0;
    const remainingMillis = () => ((asked += 1) < 3 ? 50 : 0);
    const error = await failure(api.conversationMetrics('c1', { remainingMillis }));
    expect(error.message).toBe('conversationMetrics got no answer: TimeoutError');
  });

  test('ends with the signal of the caller, with its reason', async () => {
    const { api } = setUp(() => 'hang');
    const controller = new AbortController();
    const call = api.conversationMetrics('c1', {
      remainingMillis: () => Infinity,
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(new Error('the run is over')), 20);
    await expect(call).rejects.toThrow('the run is over');
  });

  test('does not begin after an abort', async () => {
    const { api, sent } = setUp(ok());
    const signal = AbortSignal.abort(new Error('the run is over'));
    await expect(api.conversationMetrics('c1', { remainingMillis: () => Infinity, signal })).rejects.toThrow(
      'over',
    );
    expect(sent).toEqual([]);
  });
});

describe('a refusal', () => {
  test.each([
    [400, 'the same request will not do better'],
    [403, 'grant a role of the OAuth client recording:recording:view and speechAndTextAnalytics:data:view'],
    [409, 'the same request will not do better'],
    [302, 'correct the base URL'],
  ])('with %d is not tried again, and says what to do', async (status, advice) => {
    const { api, sent, budget } = setUp(failed(status, { location: 'https://elsewhere.example.com' }));
    const error = await failure(api.transcriptUrl('c1', 's1', budget()));
    expect(error).toBeInstanceOf(GenesysRefusedError);
    expect(error.message).toContain(advice);
    expect(sent).toHaveLength(1);
  });

  test('shows neither body, nor token, nor URL', async () => {
    const body = { code: 'bad.request', message: 'Jane Doe +44 20 7946 0000', contextId: 'x' };
    const { api, budget } = setUp(failed(400, {}, body));
    const error = await failure(api.recordings('conversation-1', budget()));
    expect(error.message).toBe(
      'recordings was refused: the same request will not do better (400, bad.request)',
    );
    expect(JSON.stringify(error)).not.toMatch(/Jane|token|example\.com|conversation-1|NONE/);
    expect(error.cause).toBeUndefined();
  });

  test.each(['<script>', 'a'.repeat(101), 42])('keeps a code that is none (%j) to itself', async (code) => {
    const { api, budget } = setUp(failed(400, { 'inin-correlation-id': 'not one, but text' }, { code }));
    const error = await failure(api.recordings('c1', budget()));
    expect(error.call).toEqual({
      operation: 'recordings',
      status: 400,
      code: undefined,
      correlationId: undefined,
    });
  });
});

describe('an answer', () => {
  test('that is larger than any should be is not read, and reported', async () => {
    const { api, sent, budget } = setUp(
      () => new Response('{}', { headers: { 'content-length': '500000000000' } }),
    );
    expect(await failure(api.conversationMetrics('c1', budget()))).toBeInstanceOf(GenesysAnswerError);
    expect(sent).toHaveLength(1);
  });

  test.each([
    ['a list', []],
    ['null', null],
    ['a text', 'text'],
  ])('that is %s instead of an object is reported', async (_case, body) => {
    const { api, budget } = setUp(ok(body));
    expect(await failure(api.conversationMetrics('c1', budget()))).toBeInstanceOf(GenesysAnswerError);
  });
});
