import { expect, test } from '@jest/globals';
import { num, str, url } from 'envalid';
import { parseEnvironment, sourcesVariable } from './index.ts';

const variables = { QUEUE_URL: url(), LIMIT: num(), STAGE: str() };

test('values come back typed', () => {
  const env = { QUEUE_URL: 'http://127.0.0.1/q', LIMIT: '3', STAGE: 'local' };
  expect(parseEnvironment(env, variables)).toMatchObject({
    QUEUE_URL: 'http://127.0.0.1/q',
    LIMIT: 3,
    STAGE: 'local',
  });
});

test('every bad variable is named at once, and no value is', () => {
  const env = { QUEUE_URL: 'not-a-url', LIMIT: 'many' };
  expect(() => parseEnvironment(env, variables)).toThrow('bad environment: QUEUE_URL, LIMIT, STAGE');
  expect(() => parseEnvironment(env, variables)).not.toThrow(/not-a-url|many/);
});

const main = { key: 'main', scheme: 'genesys-webhook', secretName: 'aftercall/local/sources/main' };
const sourcesOf = (sources: unknown) =>
  parseEnvironment({ SOURCES: JSON.stringify(sources) }, { SOURCES: sourcesVariable() }).SOURCES;

test('sources are found by their key', () => {
  expect(sourcesOf([main]).get('main')).toEqual(main);
});

test.each([
  ['an unknown scheme', [{ ...main, scheme: 'md5' }]],
  ['a secret in place of its name', [{ ...main, secret: 'hunter2' }]],
  ['one key twice', [main, main]],
  ['no source at all', []],
])('%s is refused', (_case, sources) => {
  expect(() => sourcesOf(sources)).toThrow('bad environment: SOURCES');
});
