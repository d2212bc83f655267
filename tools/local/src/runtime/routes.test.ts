import { expect, test } from '@jest/globals';
import { matchRoute } from './routes.ts';

const ROUTES = [
  '$default',
  'ANY /webhooks/{source}',
  'POST /webhooks/{source}',
  'GET /webhooks/main',
  'ANY /files/{path+}',
  'GET /files/{name}',
].map((key) => ({ key }));

test.each([
  ['POST', '/webhooks/main', 'POST /webhooks/{source}', { source: 'main' }],
  ['PUT', '/webhooks/main', 'ANY /webhooks/{source}', { source: 'main' }],
  ['GET', '/webhooks/main', 'GET /webhooks/main', {}],
  ['GET', '/webhooks/other', 'ANY /webhooks/{source}', { source: 'other' }],
  ['POST', '/webhooks/a%2Fb', 'POST /webhooks/{source}', { source: 'a/b' }],
  ['POST', '/webhooks/%zz', 'POST /webhooks/{source}', { source: '%zz' }],
  ['GET', '/files/a', 'GET /files/{name}', { name: 'a' }],
  ['GET', '/files/a/b', 'ANY /files/{path+}', { path: 'a/b' }],
  ['POST', '/webhooks/', '$default', {}],
  ['POST', '/webhooks/a/b', '$default', {}],
  ['GET', '/', '$default', {}],
])('%s %s goes to %s', (method, path, key, pathParameters) => {
  expect(matchRoute(ROUTES, method, path)).toEqual({ route: { key }, pathParameters });
});

test('without a default route an unknown path has none', () => {
  expect(matchRoute([{ key: 'POST /webhooks/{source}' }], 'GET', '/webhooks/main')).toBeUndefined();
});
