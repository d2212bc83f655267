// Our own client against the simulator, over HTTP: what the two libraries promise, from end to end.
import { createPlatformApi, GenesysRefusedError, GenesysUnavailableError } from '@aftercall/genesys';
import {
  createTokenSource,
  httpRequestToken,
  parseClientCredentials,
  systemClock,
  tokenEndpoint,
  warpedClock,
} from '@aftercall/oauth';
import { createSecrets, memorySecretStore, parsedSecret } from '@aftercall/secrets';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type PlatformApi, type PlatformOptions, startPlatformApi, TEST_CLIENT } from '../index.ts';

const SECRET_NAME = 'aftercall/test/genesys';
const budget = { remainingMillis: () => 20_000 };
const opened: PlatformApi[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ close }) => close()));
});

/** @param clock of the client: back-offs pass at once, the requests themselves take the time that they take */
async function setUp(options: Partial<PlatformOptions> = {}, clock = warpedClock()) {
  const platform = await startPlatformApi({ seed: 1, now: () => new Date(), ...options });
  opened.push(platform);
  const store = memorySecretStore();
  const putSecret = (clientSecret: string) =>
    store.put(SECRET_NAME, { AWSCURRENT: JSON.stringify({ ...TEST_CLIENT, clientSecret }) });
  putSecret(TEST_CLIENT.clientSecret);
  const secrets = createSecrets({
    store,
    now: () => new Date(),
    random: Math.random,
    ttlSeconds: 300,
    refreshIntervalSeconds: 0,
    maxStaleSeconds: 300,
  });
  const logged: string[] = [];
  const tokens = createTokenSource({
    requestToken: httpRequestToken({
      endpoint: tokenEndpoint({ baseUrl: platform.login }),
      timeoutMillis: 10_000,
      fetch,
    }),
    credentials: parsedSecret(secrets, SECRET_NAME, parseClientCredentials),
    clock: systemClock(),
    random: Math.random,
    newOwner: () => crypto.randomUUID(),
    log: { warn: (fields, message) => void logged.push(JSON.stringify({ ...fields, message })) },
    countTokenRequest: () => undefined,
  });
  const api = createPlatformApi({
    baseUrl: platform.api,
    tokens,
    fetch,
    clock,
    random: () => 0.5,
    onRateLimitRemaining: () => undefined,
  });
  const logins = () => platform.requests().filter(({ host }) => host === 'login').length;
  return { platform, api, putSecret, logins };
}

test('every call of ours is one that the simulator knows', async () => {
  const period = { count: 20, from: new Date('2026-11-20T00:00:00Z'), to: new Date('2026-11-21T00:00:00Z') };
  const { platform, api } = await setUp({ period });
  const { conversationId, communicationIds } = platform.addConversation({});
  const [communicationId = ''] = communicationIds;
  const filter = { from: period.from, to: period.to, mediaTypes: ['voice', 'chat'] };

  expect(await api.conversationMetrics(conversationId, budget)).toMatchObject({ conversationId });
  const transcript = await api.transcriptUrl(conversationId, communicationId, budget);
  expect(transcript.outcome).toBe('ready');
  expect(await api.recordings(conversationId, budget)).toMatchObject({
    outcome: 'listed',
    recordings: [{ sessionId: communicationId }],
  });
  const details = await api.conversationDetails(conversationId, budget);
  expect(details?.participants.at(-1)?.sessions[0]).toMatchObject({
    sessionId: communicationId,
    isRecorded: true,
  });
  expect(await api.queryDetails(filter, { pageNumber: 1, pageSize: 100 }, budget)).toMatchObject({
    totalHits: 20,
  });

  const jobId = await api.createDetailsJob(filter, budget);
  expect(await api.detailsJob(jobId, budget)).toMatchObject({ state: 'FULFILLED' });
  const first = await api.detailsJobResults(jobId, { cursor: undefined, pageSize: 15 }, budget);
  const last = await api.detailsJobResults(jobId, { cursor: first.cursor, pageSize: 15 }, budget);
  expect([first.conversations.length, last.conversations.length, last.cursor]).toEqual([15, 5, undefined]);
  await api.deleteDetailsJob(jobId, budget);
  expect(await api.detailsJob(jobId, budget)).toBeUndefined();
  expect((await api.detailsAvailableUntil(budget)).getTime()).toBeGreaterThan(Date.now() - 60_000);

  expect([
    ...(await api.categoryNames(['305a34ba-d517-44d0-bbbd-ae4687b112e8', 'nobody'], budget)).values(),
  ]).toEqual(['Complaint']);
  expect([...(await api.topicNames(['14c7fc1c-85f5-447a-b258-c319f97bf1b8'], budget)).values()]).toEqual([
    'Refund',
  ]);
  expect(
    (await api.availableTopics(budget)).some(({ transports }) => transports.includes('EventBridge')),
  ).toBe(true);
  await api.setExternalTag(conversationId, 'critical', budget);
  expect(platform.externalTags()).toEqual({ [conversationId]: 'critical' });
});

describe('a token', () => {
  test('that is revoked is replaced within the call', async () => {
    const { platform, api, logins } = await setUp();
    const { conversationId } = platform.addConversation({});
    await api.conversationMetrics(conversationId, budget);
    platform.revokeTokens();
    expect(await api.conversationMetrics(conversationId, budget)).toMatchObject({ conversationId });
    expect(logins()).toBe(2);
  });

  test('is had with the new secret after a rotation', async () => {
    const { platform, api, putSecret, logins } = await setUp();
    const { conversationId } = platform.addConversation({});
    await api.conversationMetrics(conversationId, budget);
    platform.setClientSecret(TEST_CLIENT.clientId, 'battery-staple');
    putSecret('battery-staple');
    platform.revokeTokens();
    expect(await api.conversationMetrics(conversationId, budget)).toMatchObject({ conversationId });
    // One with the old secret, which was refused, and one with the new.
    expect(logins()).toBe(3);
  });

  test('that cannot be had says what to do', async () => {
    const { platform, api } = await setUp();
    platform.setClientSecret(TEST_CLIENT.clientId, 'battery-staple');
    await expect(api.conversationMetrics('c-1', budget)).rejects.toMatchObject({
      name: 'TokenRefusedError',
      code: 'invalid-client',
    });
  });
});

test('a clock that is wrong by an hour, on either side, is no reason for anything', async () => {
  for (const skew of [3_600, -3_600]) {
    const { platform, api, logins } = await setUp();
    const { conversationId } = platform.addConversation({});
    platform.setClockSkew(skew);
    for (let count = 0; count < 5; count += 1) await api.conversationMetrics(conversationId, budget);
    expect(logins()).toBe(1);
  }
});

test.each(['html', 'reset', 'half-json'] as const)(
  'two answers of the kind %s are survived',
  async (kind) => {
    const { platform, api } = await setUp();
    const { conversationId } = platform.addConversation({});
    platform.addFault({ fault: { kind }, on: 'GET /api', times: 2 });
    expect(await api.conversationMetrics(conversationId, budget)).toMatchObject({ conversationId });
  },
);

test.each([
  ['huge-length', { kind: 'huge-length' }, 'GenesysAnswerError'],
  ['another form of JSON', { kind: 'wrong-json', body: 'text' }, 'GenesysAnswerError'],
  ['a redirect', { kind: 'redirect', location: 'http://169.254.169.254/' }, 'GenesysRefusedError'],
] as const)('an answer with %s is reported at once', async (_case, fault, name) => {
  const { platform, api } = await setUp();
  platform.addFault({ fault, on: 'GET /api' });
  await expect(api.conversationMetrics('c-1', budget)).rejects.toMatchObject({ name });
  expect(platform.requests().filter(({ host }) => host === 'api')).toHaveLength(1);
});

test('a missing permission is named', async () => {
  const { platform, api } = await setUp({
    clients: [{ ...TEST_CLIENT, withoutPermissions: ['speechAndTextAnalytics:category:view'] }],
  });
  await expect(api.categoryNames(['x'], budget)).rejects.toThrow(GenesysRefusedError);
  await expect(api.categoryNames(['x'], budget)).rejects.toThrow(
    'grant a role of the OAuth client speechAndTextAnalytics:category:view',
  );
  expect(platform.requests().filter(({ status }) => status === 403)).toHaveLength(2);
});

test('a call that hangs ends with the time of the caller', async () => {
  const { platform, api } = await setUp();
  platform.addFault({ fault: { kind: 'hang' }, on: 'GET /api' });
  const endsAt = Date.now() + 300;
  const short = { remainingMillis: () => endsAt - Date.now() };
  await expect(api.conversationMetrics('c-1', short)).rejects.toThrow(GenesysUnavailableError);
  expect(Date.now() - endsAt).toBeLessThan(10_000);
});

test('700 calls keep to the rate limit of 300 a minute', async () => {
  const clock = warpedClock();
  const { platform, api } = await setUp({ now: () => new Date(clock.elapsedMillis()) }, clock);
  const unhurried = { remainingMillis: () => Infinity };
  for (let count = 0; count < 700; count += 1) await api.topicNames(['x'], unhurried);
  expect(platform.requests().filter(({ status }) => status === 429)).toEqual([]);
  expect(clock.elapsedMillis()).toBeLessThan(2 * 63_000);
});
