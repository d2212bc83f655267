import { afterEach, describe, expect, test } from '@jest/globals';
import {
  ORGANIZATION_ID,
  type PlatformApi,
  platformApiAt,
  type PlatformOptions,
  SENSITIVE_WORDS,
  startPlatformApi,
  TEST_CLIENT,
} from '../index.ts';

const NOW = Date.parse('2026-11-22T10:00:00Z');
const opened: PlatformApi[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ close }) => close()));
});

/** What the tests look at, of whichever answer. */
interface Answer {
  readonly jobId: string;
  readonly state: string;
  readonly cursor?: string;
  readonly totalHits: number;
  readonly conversations?: readonly { readonly conversationId: string; readonly participants: object[] }[];
  readonly participants: readonly { readonly userId?: string }[];
  readonly empathyScores: readonly { readonly userId: string }[];
  readonly entities: readonly { readonly id: string }[];
  readonly dataAvailabilityDate: string;
}

async function setUp(options: Partial<PlatformOptions> = {}) {
  let nowMillis = NOW;
  const platform = await startPlatformApi({ seed: 1, now: () => new Date(nowMillis), ...options });
  opened.push(platform);
  const login = async (clientId = TEST_CLIENT.clientId, clientSecret = TEST_CLIENT.clientSecret) =>
    fetch(`${platform.login}/oauth/token`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
    });
  let token: string | undefined;
  const newToken = async () => ((await (await login()).json()) as { access_token: string }).access_token;
  const call = async (method: string, path: string, body?: object) => {
    token ??= await newToken();
    return fetch(`${platform.api}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body && { body: JSON.stringify(body) }),
      redirect: 'manual',
    });
  };
  const pass = (seconds: number) => {
    nowMillis += seconds * 1000;
  };
  const json = async (method: string, path: string, body?: object) =>
    (await (await call(method, path, body)).json()) as Answer;
  return { platform, login, newToken, call, json, pass };
}

const metricsPath = (id: string) => `/api/v2/speechandtextanalytics/conversations/${id}`;
const details = '/api/v2/analytics/conversations/details';

describe('the login host', () => {
  test('gives a token for good credentials', async () => {
    const { login } = await setUp();
    const answer = await login();
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      access_token: expect.stringMatching(/^[\w-]{43}$/),
      token_type: 'bearer',
      expires_in: 86_399,
    });
  });

  test('refuses an unknown client and a wrong secret, each in its way', async () => {
    const { login } = await setUp();
    const unknown = await login('nobody');
    expect([unknown.status, await unknown.json()]).toEqual([
      400,
      { error: 'invalid_client', description: 'client not found', error_description: 'client not found' },
    ]);
    const wrong = await login(TEST_CLIENT.clientId, 'wrong');
    expect([wrong.status, await wrong.json()]).toMatchObject([401, { error: 'invalid_client' }]);
  });

  test('takes a new secret in place of the old one', async () => {
    const { platform, login } = await setUp();
    platform.setClientSecret(TEST_CLIENT.clientId, 'battery-staple');
    expect((await login()).status).toBe(401);
    expect((await login(TEST_CLIENT.clientId, 'battery-staple')).status).toBe(200);
  });
});

describe('a token', () => {
  test('expires', async () => {
    const { call, pass, platform } = await setUp({ tokenLifetimeSeconds: 300 });
    const { conversationId } = platform.addConversation({});
    expect((await call('GET', metricsPath(conversationId))).status).toBe(200);
    pass(300);
    const answer = await call('GET', metricsPath(conversationId));
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ status: 401, code: 'bad.credentials' });
  });

  test('lives as long as the tenant lets it when it is given out', async () => {
    const { platform, login } = await setUp();
    platform.setTokenLifetime(3);
    expect(await (await login()).json()).toMatchObject({ expires_in: 3 });
  });

  test('can be revoked, and is needed', async () => {
    const { call, platform } = await setUp();
    await call('GET', '/api/v2/notifications/availabletopics');
    platform.revokeTokens();
    expect((await call('GET', '/api/v2/notifications/availabletopics')).status).toBe(401);
    expect((await fetch(`${platform.api}/api/v2/notifications/availabletopics`)).status).toBe(401);
  });
});

describe('the rate limit', () => {
  test('is 300 a minute for each token, and every answer says what is left', async () => {
    const { call, pass, newToken, platform } = await setUp();
    const path = '/api/v2/notifications/availabletopics';
    const first = await call('GET', path);
    expect(Object.fromEntries(first.headers)).toMatchObject({
      'inin-ratelimit-count': '1',
      'inin-ratelimit-allowed': '300',
      'inin-ratelimit-reset': '61',
      'inin-correlation-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    for (let count = 2; count <= 300; count += 1) await (await call('GET', path)).arrayBuffer();
    pass(43.5);
    const over = await call('GET', path);
    expect(over.status).toBe(429);
    expect(Object.fromEntries(over.headers)).toMatchObject({
      'retry-after': '17',
      'inin-ratelimit-count': '301',
    });
    expect(await over.json()).toEqual({
      message: 'Rate limit exceeded the maximum. Retry the request in [17] seconds',
      code: 'too.many.requests.retry.after',
      status: 429,
      contextId: over.headers.get('inin-correlation-id'),
      details: [],
      errors: [],
    });
    const second = await newToken();
    const other = await fetch(`${platform.api}${path}`, { headers: { authorization: `Bearer ${second}` } });
    expect(other.headers.get('inin-ratelimit-count')).toBe('1');
    pass(17);
    expect((await call('GET', path)).status).toBe(200);
  });
});

describe('permissions', () => {
  test('that are missing are named', async () => {
    const withoutPermissions = ['recording:recording:view', 'analytics:conversationDetail:view'];
    const { platform, call } = await setUp({ clients: [{ ...TEST_CLIENT, withoutPermissions }] });
    const { conversationId } = platform.addConversation({});
    const refused = await call('GET', metricsPath(conversationId));
    expect(refused.status).toBe(403);
    expect(((await refused.json()) as { message: string }).message).toContain('recording:recording:view');
    // Another permission does as well for these two.
    expect((await call('GET', `/api/v2/conversations/${conversationId}/recordings`)).status).toBe(200);
    expect((await call('GET', `${details}/jobs/availability`)).status).toBe(200);
  });
});

describe('a conversation', () => {
  test('has metrics, recordings and details that belong together, the same for the same seed', async () => {
    const ask = async () => {
      const { platform, json } = await setUp();
      const { conversationId, communicationIds } = platform.addConversation({ conversationId: 'c-1' });
      const metrics = await json('GET', metricsPath(conversationId));
      const recordings = await json('GET', `/api/v2/conversations/${conversationId}/recordings`);
      const analytics = await json('GET', `/api/v2/analytics/conversations/${conversationId}/details`);
      return { communicationIds, metrics, recordings, analytics };
    };
    const first = await ask();
    const [communicationId] = first.communicationIds;
    expect(first.metrics).toMatchObject({ conversation: { id: 'c-1' }, sentimentScore: expect.any(Number) });
    expect(first.recordings).toMatchObject([{ conversationId: 'c-1', sessionId: communicationId }]);
    const agent = first.analytics.participants[1];
    expect(agent).toMatchObject({
      purpose: 'agent',
      sessions: [{ sessionId: communicationId, recording: true }],
    });
    expect(agent?.userId).toBe(first.metrics.empathyScores[0]?.userId);
    expect(await ask()).toEqual(first);
  });

  test('that nobody told of is not found, or invented where that is wanted', async () => {
    const strict = await setUp();
    const answer = await strict.call('GET', metricsPath('unheard-of'));
    expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'resource.not.found' }]);
    const inventive = await setUp({ unknownConversations: 'invented' });
    expect((await inventive.call('GET', metricsPath('unheard-of'))).status).toBe(200);
    expect(
      (await inventive.call('GET', `${metricsPath('unheard-of')}/communications/any/transcripturl`)).status,
    ).toBe(200);
  });

  test('may be without metrics, and its recordings transcoding, archived or absent', async () => {
    const { platform, call, json, pass } = await setUp({ transcodingSeconds: 60 });
    const bare = platform.addConversation({
      conversationId: 'c-1',
      metrics: 'absent',
      recordings: 'archived',
    });
    platform.addConversation({ conversationId: 'c-2', recordings: 'absent' });
    expect((await call('GET', metricsPath(bare.conversationId))).status).toBe(404);
    const transcoding = await call('GET', '/api/v2/conversations/c-1/recordings');
    expect([transcoding.status, await transcoding.text()]).toEqual([202, '']);
    pass(60);
    const [archived] = (await json('GET', '/api/v2/conversations/c-1/recordings')) as unknown as object[];
    expect(archived).toMatchObject({ fileState: 'ARCHIVED' });
    expect(archived).not.toHaveProperty('sessionId');
    expect((await call('GET', '/api/v2/conversations/c-2/recordings')).status).toBe(404);
  });

  test('takes an external tag', async () => {
    const { platform, call } = await setUp();
    platform.addConversation({ conversationId: 'c-1' });
    expect((await call('PUT', '/api/v2/conversations/c-1/tags', { externalTag: 'critical' })).status).toBe(
      202,
    );
    expect(platform.externalTags()).toEqual({ 'c-1': 'critical' });
    expect((await call('PUT', '/api/v2/conversations/c-1/tags', { externalTag: 7 })).status).toBe(400);
  });
});

describe('a transcript', () => {
  async function withTranscript(options: Partial<PlatformOptions> = {}) {
    const context = await setUp(options);
    const { conversationId, communicationIds } = context.platform.addConversation({ conversationId: 'c-1' });
    const communicationId = communicationIds[0] ?? '';
    const askUrl = () =>
      context.call('GET', `${metricsPath(conversationId)}/communications/${communicationId}/transcripturl`);
    const url = async () => ((await (await askUrl()).json()) as { url: string }).url;
    return { ...context, communicationId, askUrl, url };
  }

  test('is JSON of the size that was asked for, the same each time, with everything that redaction must find', async () => {
    const { url, platform, communicationId } = await withTranscript({ transcripts: { bytes: 50_000 } });
    const answer = await fetch(await url());
    expect(answer.headers.get('content-length')).toBe('50000');
    const text = await answer.text();
    expect(Buffer.byteLength(text)).toBe(50_000);
    expect(JSON.parse(text)).toMatchObject({
      organizationId: ORGANIZATION_ID,
      conversationId: 'c-1',
      communicationId,
      transcripts: [{ phrases: expect.any(Array), analytics: { sentiment: expect.any(Array) } }],
    });
    for (const words of SENSITIVE_WORDS) expect(text).toContain(words);
    expect(await (await fetch(await url())).text()).toBe(text);
    platform.setTranscript(communicationId, { bytes: 2_000 });
    expect(Buffer.byteLength(await (await fetch(await url())).text())).toBe(2_000);
  });

  test.each([
    [404, {}],
    [202, { notReadyStatus: 202 as const }],
  ])('answers %d until it is ready, and may never be', async (status, behaviour) => {
    const { platform, askUrl, pass, communicationId } = await withTranscript({
      transcripts: { readyAfterSeconds: 300, ...behaviour },
    });
    expect((await askUrl()).status).toBe(status);
    pass(299);
    expect((await askUrl()).status).toBe(status);
    pass(1);
    expect((await askUrl()).status).toBe(200);
    platform.setTranscript(communicationId, { readyAfterSeconds: 'never' });
    pass(80_000);
    expect((await askUrl()).status).toBe(404);
  });

  test('is not there for another communication', async () => {
    const { call } = await withTranscript();
    expect((await call('GET', `${metricsPath('c-1')}/communications/other/transcripturl`)).status).toBe(404);
  });

  test('is behind a URL that expires, cannot be changed, and must not be asked for with a token', async () => {
    const { url, pass, platform } = await withTranscript();
    const signed = await url();
    expect(signed).toContain('X-Amz-Expires=600');
    const changed = await fetch(signed.replace('X-Amz-Expires=600', 'X-Amz-Expires=6000'));
    expect([changed.status, await changed.text()]).toEqual([
      403,
      expect.stringContaining('SignatureDoesNotMatch'),
    ]);
    const bearer = await fetch(signed, { headers: { authorization: 'Bearer x' } });
    expect([bearer.status, await bearer.text()]).toEqual([
      400,
      expect.stringContaining('Only one auth mechanism'),
    ]);
    pass(600);
    expect((await fetch(signed)).status).toBe(200);
    pass(1);
    const expired = await fetch(signed);
    expect([expired.status, await expired.text()]).toEqual([
      403,
      expect.stringContaining('Request has expired'),
    ]);
    expect(platform.requests().filter(({ host }) => host === 'transcripts')).toMatchObject([
      { authorization: 'absent', status: 403 },
      { authorization: 'present', status: 400 },
      { authorization: 'absent', status: 200 },
      { authorization: 'absent', status: 403 },
    ]);
  });

  test('can be broken in every way that a download can', async () => {
    const { url, platform, communicationId } = await withTranscript();
    const download = async (fault: NonNullable<Parameters<typeof platform.setTranscript>[1]['fault']>) => {
      platform.setTranscript(communicationId, { fault });
      const patienceMillis = fault === 'hang' || fault === 'stall' ? 500 : 10_000;
      return fetch(await url(), { redirect: 'manual', signal: AbortSignal.timeout(patienceMillis) });
    };
    await expect(download('truncated').then((answer) => answer.text())).rejects.toThrow();
    await expect(download('hang').then((answer) => answer.text())).rejects.toThrow('timeout');
    await expect(download('stall')).rejects.toThrow('timeout');
    const invalid = await (await download('invalid-json')).text();
    expect(Buffer.byteLength(invalid)).toBe(20_000);
    expect(() => JSON.parse(invalid) as unknown).toThrow(SyntaxError);
    expect(await (await download('other-conversation')).json()).not.toMatchObject({ conversationId: 'c-1' });
    expect((await download('redirect')).headers.get('location')).toContain('169.254.169.254');
    expect((await download('denied')).status).toBe(403);
    const huge = await download('huge-length');
    expect(huge.headers.get('content-length')).toBe('500000000000');
    await huge.body?.cancel();
    const bomb = await download('gzip-bomb');
    expect(bomb.headers.get('content-encoding')).toBe('gzip');
    await bomb.body?.cancel();
  });
});

describe('conversation details', () => {
  const period = {
    count: 1_000,
    from: new Date('2026-11-20T00:00:00Z'),
    to: new Date('2026-11-21T00:00:00Z'),
  };
  const body = { interval: '2026-11-20T00:00:00.000Z/2026-11-21T00:00:00.000Z' };

  test('come page by page, in order, each conversation once', async () => {
    const { json } = await setUp({ period });
    const ids: string[] = [];
    for (let pageNumber = 1; ; pageNumber += 1) {
      const paging = { pageSize: 100, pageNumber };
      const page = await json('POST', `${details}/query`, { ...body, paging });
      expect(page.totalHits).toBe(1_000);
      if (page.conversations === undefined) break;
      ids.push(...page.conversations.map(({ conversationId }) => conversationId));
    }
    expect(ids).toHaveLength(1_000);
    expect(new Set(ids).size).toBe(1_000);
  });

  test('are filtered as asked', async () => {
    const { json, platform } = await setUp({ period });
    platform.addConversation({
      conversationId: 'going-on',
      startedAt: new Date('2026-11-20T12:00:00Z'),
      endedAt: null,
    });
    const filter = (dimension: string, rest: object) => ({
      type: 'and',
      predicates: [{ type: 'dimension', dimension, ...rest }],
    });
    const ended = [filter('conversationEnd', { operator: 'exists' })];
    const voice = [filter('mediaType', { operator: 'matches', value: 'voice' })];
    const hits = async (more: object) =>
      (await json('POST', `${details}/query`, { ...body, ...more })).totalHits;
    expect(await hits({})).toBe(1_001);
    expect(await hits({ conversationFilters: ended })).toBe(1_000);
    expect(await hits({ segmentFilters: voice })).toBeGreaterThan(800);
    expect(await hits({ segmentFilters: voice })).toBeLessThan(1_000);
  });

  test.each([
    ['no interval', {}],
    ['an interval backwards', { interval: '2026-11-21T00:00:00Z/2026-11-20T00:00:00Z' }],
    ['groupBy, which belongs to another query', { ...body, groupBy: ['queueId'] }],
    ['too large a page', { ...body, paging: { pageSize: 101, pageNumber: 1 } }],
  ])('are refused for %s', async (_case, query) => {
    const { call } = await setUp({ period });
    expect((await call('POST', `${details}/query`, query)).status).toBe(400);
  });
});

describe('a details job', () => {
  const period = { count: 250, from: new Date('2026-11-22T00:00:00Z'), to: new Date('2026-11-22T10:00:00Z') };
  const body = { interval: '2026-11-22T00:00:00.000Z/2026-11-22T10:00:00.000Z' };
  const jobs = `${details}/jobs`;

  test('goes from state to state, gives its results by cursor, expires, and can be deleted', async () => {
    const { call, json, pass } = await setUp({
      period,
      jobs: { queuedSeconds: 10, pendingSeconds: 20, expiresAfterSeconds: 3_600 },
    });
    const { jobId } = await json('POST', jobs, body);
    const state = async () => (await json('GET', `${jobs}/${jobId}`)).state;
    expect(await state()).toBe('QUEUED');
    expect((await call('GET', `${jobs}/${jobId}/results`)).status).toBe(400);
    pass(10);
    expect(await state()).toBe('PENDING');
    pass(20);
    expect(await state()).toBe('FULFILLED');
    const sizes: number[] = [];
    let cursor: string | undefined;
    do {
      const query = new URLSearchParams({ pageSize: '100', ...(cursor !== undefined && { cursor }) });
      const page = await json('GET', `${jobs}/${jobId}/results?${query.toString()}`);
      expect(page.conversations?.[0]?.participants[0]).toHaveProperty('attributes');
      sizes.push(page.conversations?.length ?? 0);
      cursor = page.cursor;
    } while (cursor !== undefined);
    // The last conversations are still going on, or not in the data lake.
    expect(sizes.slice(0, 2)).toEqual([100, 100]);
    expect(sizes[2]).toBeLessThan(50);
    pass(3_570);
    expect(await state()).toBe('EXPIRED');
    expect((await call('DELETE', `${jobs}/${jobId}`)).status).toBe(204);
    expect((await call('GET', `${jobs}/${jobId}`)).status).toBe(404);
  });

  test('can fail, and can lead in a circle', async () => {
    const { platform, json } = await setUp({ period, jobs: { endsAs: 'FAILED' } });
    const failing = await json('POST', jobs, body);
    expect(await json('GET', `${jobs}/${failing.jobId}`)).toMatchObject({
      state: 'FAILED',
      errorMessage: expect.any(String),
    });
    platform.setJobs({ cursors: 'repeated' });
    const { jobId } = await json('POST', jobs, body);
    const first = await json('GET', `${jobs}/${jobId}/results?pageSize=10`);
    const second = await json('GET', `${jobs}/${jobId}/results?pageSize=10&cursor=${first.cursor ?? ''}`);
    expect(second).toEqual(first);
  });

  test('sees what is in the data lake, and says until when that is', async () => {
    const { platform, json } = await setUp({ period });
    platform.setDataLag(5 * 3_600);
    expect(await json('GET', `${jobs}/availability`)).toEqual({
      dataAvailabilityDate: '2026-11-22T05:00:00.000Z',
    });
    const { jobId } = await json('POST', jobs, body);
    const page = await json('GET', `${jobs}/${jobId}/results`);
    expect(page.dataAvailabilityDate).toBe('2026-11-22T05:00:00.000Z');
    expect(page.conversations?.length).toBeGreaterThan(110);
    expect(page.conversations?.length).toBeLessThanOrEqual(125);
  });
});

test('categories, topics and available topics are listed', async () => {
  const { json } = await setUp();
  const all = await json('GET', '/api/v2/speechandtextanalytics/categories');
  const [first, second] = all.entities;
  const some = await json(
    'GET',
    `/api/v2/speechandtextanalytics/categories?ids=${first?.id},${second?.id},nobody`,
  );
  expect(some.entities).toEqual([first, second]);
  expect((await json('GET', '/api/v2/speechandtextanalytics/topics')).entities.length).toBeGreaterThan(2);
  const topics = await json('GET', '/api/v2/notifications/availabletopics?expand=transports');
  expect(topics.entities).toContainEqual({
    id: 'v2.speechandtextanalytics.conversations.{id}.categories',
    transports: ['EventBridge', 'ProcessAutomation'],
    requiresPermissions: [],
  });
});

describe('faults', () => {
  const path = '/api/v2/notifications/availabletopics';

  test('befall the requests that they are meant for, as often as they are meant to', async () => {
    const { platform, call } = await setUp();
    platform.addFault({ fault: { kind: 'html' }, on: `GET ${path}`, times: 2 });
    platform.addFault({
      fault: { kind: 'status', status: 503, headers: { 'retry-after': '9' } },
      on: 'POST /oauth',
      times: 1,
    });
    platform.addFault({ fault: { kind: 'wrong-json', body: [] }, on: `GET ${path}`, times: 1 });
    expect(await (await fetch(`${platform.login}/oauth/token`, { method: 'POST' })).json()).toEqual({});
    const first = await call('GET', path);
    expect([first.status, first.headers.get('content-type')]).toEqual([502, 'text/html; charset=utf-8']);
    expect(await first.text()).toContain('We will be back soon');
    expect((await call('GET', '/api/v2/speechandtextanalytics/topics')).status).toBe(200);
    expect((await call('GET', path)).status).toBe(502);
    expect(await (await call('GET', path)).json()).toEqual([]);
    expect((await call('GET', path)).status).toBe(200);
  });

  test('can break a connection, or keep it waiting', async () => {
    const { platform } = await setUp();
    const get = () =>
      fetch(`${platform.api}${path}`, { signal: AbortSignal.timeout(200) }).then((answer) => answer.text());
    for (const kind of ['reset', 'hang', 'half-json', 'huge-length'] as const) {
      platform.addFault({ fault: { kind }, times: 1 });
      await expect(get()).rejects.toThrow();
    }
    platform.addFault({ fault: { kind: 'redirect', location: 'http://169.254.169.254/' }, times: 1 });
    expect((await fetch(`${platform.api}${path}`, { redirect: 'manual' })).status).toBe(302);
  });

  test('end when they are cleared', async () => {
    const { platform, call } = await setUp({ faults: [{ fault: { kind: 'status', status: 500 } }] });
    expect((await fetch(`${platform.api}${path}`)).status).toBe(500);
    platform.clearFaults();
    expect((await call('GET', path)).status).toBe(200);
  });
});

test("Genesys Cloud's clock can be wrong by an hour", async () => {
  const { platform, call, json } = await setUp();
  platform.setClockSkew(3_600);
  const answer = await call('GET', '/api/v2/notifications/availabletopics');
  expect(answer.headers.get('date')).toBe('Sun, 22 Nov 2026 11:00:00 GMT');
  expect(await json('GET', `${details}/jobs/availability`)).toEqual({
    dataAvailabilityDate: '2026-11-22T11:00:00.000Z',
  });
});

describe('the controls', () => {
  test('work from another process too', async () => {
    const { platform, call } = await setUp();
    const remote = platformApiAt(platform.api);
    const startedAt = new Date('2026-11-20T12:00:00Z');
    const { conversationId } = await remote.addConversation({
      conversationId: 'c-1',
      startedAt,
      endedAt: null,
    });
    const analytics = (await (
      await call('GET', `/api/v2/analytics/conversations/${conversationId}/details`)
    ).json()) as object;
    expect(analytics).toMatchObject({ conversationStart: '2026-11-20T12:00:00.000Z' });
    expect(analytics).not.toHaveProperty('conversationEnd');
    await remote.addFault({ fault: { kind: 'status', status: 500 }, times: 1 });
    expect((await call('GET', '/api/v2/notifications/availabletopics')).status).toBe(500);
    expect((await remote.requests()).map(({ status }) => status)).toEqual([200, 200, 500]);
    expect(await remote.externalTags()).toEqual({});
  });

  test('are refused to web pages and for what is none of them', async () => {
    const { platform } = await setUp();
    const post = (name: string, headers = {}) =>
      fetch(`${platform.api}/__control/${name}`, { method: 'POST', body: '[]', headers });
    expect((await post('requests', { origin: 'https://evil.example.com' })).status).toBe(403);
    expect((await post('close')).status).toBe(404);
  });
});
