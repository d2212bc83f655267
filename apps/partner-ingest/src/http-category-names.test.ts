import { describe, expect, test } from '@jest/globals';
import { parseGenesysOrgs } from '@aftercall/genesys';
import { warpedClock } from '@aftercall/oauth';
import { isUnavailable } from '@aftercall/queue';
import { createSecrets, memorySecretStore } from '@aftercall/secrets';
import { httpCategoryNames } from './http-category-names.ts';

const SECRET = 'aftercall/test/genesys/main/partner-ingest';
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
const CREDENTIALS = '{"clientId":"partner","clientSecret":"s3cret-of-partner-ingest"}';

/** Genesys Cloud as far as categories go; `answer` is what the API says, `login` what the token endpoint says. */
function genesysCloud(answer: () => Response, login?: () => Response) {
  const asked: string[] = [];
  const errors: object[] = [];
  const store = memorySecretStore();
  store.put(SECRET, { AWSCURRENT: CREDENTIALS });
  const lookUp = httpCategoryNames({
    orgs: ORGS,
    secrets: createSecrets({
      store,
      now: () => new Date(0),
      random: () => 0,
      ttlSeconds: 300,
      refreshIntervalSeconds: 3,
      maxStaleSeconds: 3_600,
    }),
    fetch: async (input) => {
      const { href } = new URL(input instanceof Request ? input.url : input);
      asked.push(href);
      if (!href.startsWith('https://login.test')) return answer();
      return login?.() ?? Response.json({ access_token: 'token', expires_in: 3_600 });
    },
    clock: warpedClock(),
    random: () => 0,
    log: { warn: () => undefined, error: (fields) => void errors.push(fields) },
    countTokenRequest: () => undefined,
    onRateLimitRemaining: () => undefined,
  });
  const failure = (remainingMillis = 20_000) =>
    lookUp('main', ['c1'], () => remainingMillis).then(
      () => undefined,
      (error: unknown) => error as Error,
    );
  return { lookUp, asked, errors, failure };
}

const refusal =
  (status: number, code: string, headers = {}) =>
  () =>
    Response.json({ status, code }, { status, headers });

test('names are asked for by id', async () => {
  const entities = [{ id: 'c1', name: 'Payment' }];
  const { lookUp, asked } = genesysCloud(() => Response.json({ entities }));
  expect(await lookUp('main', ['c1', 'c2'], () => 20_000)).toEqual(new Map([['c1', 'Payment']]));
  expect(asked.at(-1)).toContain('/api/v2/speechandtextanalytics/categories?ids=c1%2Cc2');
});

describe('an event waits', () => {
  test('for as long as Genesys Cloud says, when there is no time to wait for it here', async () => {
    const { failure, errors } = genesysCloud(refusal(429, 'too.many.requests', { 'retry-after': '42' }));
    const error = await failure();
    expect(error).toMatchObject({ name: 'TransientError', retryAfterSeconds: expect.any(Number) });
    expect(errors).toEqual([]);
  });

  test('through an outage', async () => {
    const error = await genesysCloud(refusal(503, 'down')).failure();
    expect(isUnavailable(error)).toBe(true);
  });

  test.each([
    ['grants the permission', refusal(403, 'missing.permissions'), undefined],
    ['corrects the OAuth client', refusal(200, ''), refusal(401, 'invalid_client')],
  ])('until somebody %s, and an error says so', async (_case, answer, login) => {
    const { failure, errors } = genesysCloud(answer, login);
    expect(isUnavailable(await failure())).toBe(true);
    expect(errors).toEqual([expect.objectContaining({ org: 'main' })]);
  });
});

test('an answer that nobody understands is for somebody to look at, not to repeat', async () => {
  const error = await genesysCloud(() => Response.json(['entities'])).failure();
  expect(error).toMatchObject({ name: 'PermanentError', reason: 'effect-refused' });
});
