import { expect, test } from '@jest/globals';
import { parseGenesysOrgs } from './genesys-org.ts';

const secretName = 'aftercall/dev/genesys/main/backfill';
const parsed = (...entries: readonly object[]) => parseGenesysOrgs(JSON.stringify(entries));

test('a region says where tokens and the API are', () => {
  expect(parsed({ org: 'main', region: 'eu-west-1', secretName }).get('main')).toEqual({
    org: 'main',
    tokenUrl: 'https://login.mypurecloud.ie/oauth/token',
    apiBaseUrl: 'https://api.mypurecloud.ie',
    secretName,
    scope: undefined,
    tokenStoreSecretName: undefined,
  });
});

test('an own login host keeps its path to tokens, a token URL is used as it is', () => {
  const gateway = {
    org: 'a',
    apiBaseUrl: 'http://127.0.0.1:1',
    loginBaseUrl: 'http://127.0.0.1:2',
    secretName,
  };
  const asDocumented = {
    org: 'b',
    region: 'us-east-1',
    tokenUrl: 'https://api.mypurecloud.com/oauth/token',
    secretName,
  };
  const orgs = parsed(gateway, asDocumented);
  expect(orgs.get('a')).toMatchObject({
    tokenUrl: 'http://127.0.0.1:2/oauth/token',
    apiBaseUrl: 'http://127.0.0.1:1',
  });
  expect(orgs.get('b')?.tokenUrl).toBe('https://api.mypurecloud.com/oauth/token');
});

test('a shared store of tokens is named by the secret of its URL', () => {
  const shared = {
    org: 'main',
    region: 'eu-west-1',
    secretName,
    tokenStoreSecretName: 'aftercall/dev/token-store',
  };
  expect(parsed(shared).get('main')?.tokenStoreSecretName).toBe('aftercall/dev/token-store');
});

test.each([
  ['no secret', [{ org: 'main', region: 'eu-west-1' }], '[0].secretName: is missing'],
  ['no org', [{ region: 'eu-west-1', secretName }], '[0].org: is missing'],
  ['a region without Genesys Cloud', [{ org: 'a', region: 'eu-north-1', secretName }], '[0].region: is not'],
  ['no region', [{ org: 'a', secretName }], '[0].region: is not'],
  [
    'an open API',
    [{ org: 'a', region: 'eu-west-1', apiBaseUrl: 'http://x.com', secretName }],
    '[0].apiBaseUrl: ',
  ],
  [
    'a secret in place of its name',
    [{ org: 'a', clientSecret: 'hunter2' }],
    '[0]: has a field that is none of',
  ],
  ['a number', [{ org: 1 }], '[0].org: is not a text'],
  ['one twice', [1, 2].map(() => ({ org: 'a', region: 'eu-west-1', secretName })), 'listed twice'],
  ['no list', { org: 'a' }, 'must be a list'],
])('%s is refused by name', (_case, value, message) => {
  expect(() => parseGenesysOrgs(JSON.stringify(value))).toThrow(message);
  expect(() => parseGenesysOrgs(JSON.stringify(value))).not.toThrow(/hunter2|eu-north|x\.com/);
});
