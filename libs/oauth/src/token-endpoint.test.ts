import { expect, test } from '@jest/globals';
import { isRegion, REGIONS, serviceUrl, tokenEndpoint } from './index.ts';

test('there are eighteen regions, each with a domain of its own', () => {
  expect(Object.keys(REGIONS)).toHaveLength(18);
  expect(new Set(Object.values(REGIONS)).size).toBe(18);
  expect(isRegion('eu-west-1')).toBe(true);
  expect(isRegion('eu-north-1')).toBe(false);
  expect(isRegion('toString')).toBe(false);
});

test.each([
  ['a region', { region: 'eu-west-1' }, 'https://login.mypurecloud.ie/oauth/token'],
  ['a region of FedRAMP', { region: 'us-east-2' }, 'https://login.use2.us-gov-pure.cloud/oauth/token'],
  ['a gateway', { baseUrl: 'https://gw.example.com/genesys/' }, 'https://gw.example.com/genesys/oauth/token'],
  [
    'a host below the tenant, as one document has it',
    { url: 'https://acme.mypurecloud.com/api/v2/oauth/token' },
    'https://acme.mypurecloud.com/api/v2/oauth/token',
  ],
  [
    'the API host, as the other document has it',
    { url: 'https://api.mypurecloud.com/oauth/token' },
    'https://api.mypurecloud.com/oauth/token',
  ],
  ['this machine', { baseUrl: 'http://127.0.0.1:8080' }, 'http://127.0.0.1:8080/oauth/token'],
] as const)('tokens come from %s', (_case, endpoint, url) => {
  expect(tokenEndpoint(endpoint)).toBe(url);
});

test.each([
  ['without TLS', 'http://login.mypurecloud.ie'],
  ['with a password in it', 'https://user:secret@login.mypurecloud.ie'],
  ['with a query', 'https://login.mypurecloud.ie/?a=1'],
  ['without a scheme', 'login.mypurecloud.ie'],
  ['of a file', 'file:///etc/passwd'],
])('an address %s is refused, and not repeated', (_case, url) => {
  expect(() => serviceUrl(url)).toThrow(RangeError);
  expect(() => serviceUrl(url)).not.toThrow('secret');
});
