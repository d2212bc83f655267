import { expect, test } from '@jest/globals';
import { flag, logLevel, number, parseEnvironment, sources, text, url } from './index.ts';

const variables = { QUEUE_URL: url, LIMIT: number, STAGE: text };

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
const sourcesOf = (value: unknown) =>
  parseEnvironment({ SOURCES: JSON.stringify(value) }, { SOURCES: sources }).SOURCES;

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

test.each([
  ['a number that is none', number, 'many'],
  ['a number without an end', number, 'Infinity'],
  ['blanks for a number', number, '  '],
  ['a path for a URL', url, '/queue'],
  ['a flag that is neither', flag, 'yes'],
  ['a level that there is not', logLevel, 'loud'],
  ['nothing', text, ''],
])('%s is refused', (_case, parser, value) => {
  expect(() => parseEnvironment({ NAME: value }, { NAME: parser })).toThrow('bad environment: NAME');
});

test('flags and levels come back as they are meant', () => {
  expect(parseEnvironment({ ON: 'true', OFF: 'false' }, { ON: flag, OFF: flag })).toEqual({
    ON: true,
    OFF: false,
  });
  expect(parseEnvironment({ LEVEL: 'warn' }, { LEVEL: logLevel })).toEqual({ LEVEL: 'warn' });
});
