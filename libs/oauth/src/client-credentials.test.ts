import { expect, test } from '@jest/globals';
import { parseClientCredentials, TokenRefusedError } from './index.ts';

test('the secret holds the id and the secret of an OAuth client', () => {
  const text = '{"clientId":"a1b2","clientSecret":"correct-horse","note":"for the backfill"}';
  expect(parseClientCredentials(text)).toEqual({ clientId: 'a1b2', clientSecret: 'correct-horse' });
});

test.each([
  ['no JSON', 'correct-horse'],
  ['null', 'null'],
  ['no client id', '{"clientSecret":"correct-horse"}'],
  ['an empty client secret', '{"clientId":"a1b2","clientSecret":""}'],
  ['a client id with a colon', '{"clientId":"a1:b2","clientSecret":"correct-horse"}'],
  ['a line feed in it', '{"clientId":"a1b2","clientSecret":"correct-horse\\n"}'],
  ['a number', '{"clientId":"a1b2","clientSecret":12345}'],
])('a secret with %s is refused without showing it', (_case, text) => {
  let thrown: unknown;
  try {
    parseClientCredentials(text);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(TokenRefusedError);
  expect(thrown).toHaveProperty('code', 'invalid-client');
  expect((thrown as Error).message).toContain('clientId and clientSecret');
  expect((thrown as Error).message).not.toContain('correct-horse');
});
