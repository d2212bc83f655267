import { describe, expect, test } from '@jest/globals';
import { parseGenesysOrgs } from '@aftercall/genesys';
import { warpedClock } from '@aftercall/oauth';
import { createSecrets, memorySecretStore } from '@aftercall/secrets';
import { httpConversationTags } from './http-conversation-tags.ts';

const SECRET = 'aftercall/test/genesys/main/compliance-router';
const ORGS = parseGenesysOrgs(
  JSON.stringify([
    {
      org: 'main',
      loginBaseUrl: 'https://login.test',
      apiBaseUrl: 'https://api.test',
      secretName: SECRET,
    },
  ]),
);
const CREDENTIALS = '{"clientId":"router","clientSecret":"s3cret-of-the-router"}';

/** Genesys Cloud as far as tags go; `answer` is what the API says to the next ones. */
function genesysCloud(answer: () => Response = () => Response.json('accepted', { status: 202 })) {
  const calls: { readonly method: string; readonly url: string; readonly body: string }[] = [];
  const store = memorySecretStore();
  store.put(SECRET, { AWSCURRENT: CREDENTIALS });
  const secrets = createSecrets({
    store,
    now: () => new Date(0),
    random: () => 0,
    ttlSeconds: 300,
    refreshIntervalSeconds: 3,
    maxStaleSeconds: 3_600,
  });
  const setTag = httpConversationTags({
    orgs: ORGS,
    secrets,
    fetch: async (input, { method = 'GET', body } = {}) => {
      const { href: url } = new URL(input instanceof Request ? input.url : input);
      calls.push({ method, url, body: typeof body === 'string' ? body : '' });
      const isToken = url === 'https://login.test/oauth/token';
      return isToken ? Response.json({ access_token: 'token', expires_in: 3_600 }) : answer();
    },
    clock: warpedClock(),
    random: () => 0,
    log: { warn: () => undefined },
    countTokenRequest: () => undefined,
    onRateLimitRemaining: () => undefined,
  });
  const tag = (org = 'main', remainingMillis = 20_000) =>
    setTag({ org, conversationId: 'c/1', tag: 'card-data' }, () => remainingMillis);
  return { tag, calls, store };
}

const error = (status: number, code: string) => () => Response.json({ status, code }, { status });

test('a tag replaces the conversation’s external tag; the token is asked for once', async () => {
  const { tag, calls } = genesysCloud();
  expect(await tag()).toEqual({ outcome: 'tagged' });
  expect(await tag()).toEqual({ outcome: 'tagged' });
  const put = {
    method: 'PUT',
    url: 'https://api.test/api/v2/conversations/c%2F1/tags',
    body: '{"externalTag":"card-data"}',
  };
  expect(calls).toEqual([expect.objectContaining({ method: 'POST' }), put, put]);
});

describe('a tag that waits for somebody is refused, and the error says for what', () => {
  test('an organisation that the stage does not know', async () => {
    const { tag, calls } = genesysCloud();
    expect(await tag('other')).toMatchObject({
      outcome: 'refused',
      reason: 'no-genesys-org',
      error: { message: expect.stringContaining('other') },
    });
    expect(calls).toEqual([]);
  });

  test.each([
    ['a permission that is not granted', error(403, 'not.authorized'), 'conversation:externalTag:edit'],
    ['a conversation that is not there', error(404, 'not.found'), 'not, or no longer, there'],
    [
      'a tag that Genesys Cloud does not take',
      error(400, 'bad.request'),
      'the same request will not do better',
    ],
  ])('%s', async (_case, answer, message) => {
    const { tag } = genesysCloud(answer);
    expect(await tag()).toMatchObject({
      outcome: 'refused',
      reason: 'tag-refused',
      error: { message: expect.stringContaining(message) },
    });
  });

  test.each([
    ['without a value', undefined, SECRET],
    ['that is none of an OAuth client', 'hunter2', 'clientId and clientSecret'],
  ])('a secret %s', async (_case, value, message) => {
    const { tag, store } = genesysCloud();
    store.put(SECRET, value === undefined ? {} : { AWSCURRENT: value });
    const tagged = await tag();
    expect(tagged).toMatchObject({
      outcome: 'refused',
      reason: 'tag-refused',
      error: { message: expect.stringContaining(message) },
    });
    expect(JSON.stringify(tagged)).not.toContain('hunter2');
  });
});

describe('an outage is thrown, so that the message comes again', () => {
  test('of Genesys Cloud', async () => {
    await expect(genesysCloud(error(503, 'service.unavailable')).tag()).rejects.toMatchObject({
      name: 'GenesysUnavailableError',
    });
  });

  test('of Secrets Manager', async () => {
    const { tag, store } = genesysCloud();
    store.become('down');
    await expect(tag()).rejects.toMatchObject({ name: 'SecretUnavailableError' });
  });

  test('of time: what is left of the invocation is for giving the message back', async () => {
    const { tag, calls } = genesysCloud();
    await expect(tag('main', 5_000)).rejects.toMatchObject({ name: 'GenesysUnavailableError' });
    expect(calls.filter(({ method }) => method === 'PUT')).toEqual([]);
  });
});
