import { expect, test } from '@jest/globals';
import { parsedSecret } from './parsed-secret.ts';
import type { Secrets } from './secrets.ts';

function secretsWith(values: readonly string[]): Secrets {
  return { values: async () => values, refresh: async () => 'refreshed' };
}

test('a value is parsed once for as long as its text is the same', async () => {
  let parsed = 0;
  const values = ['{"n":1}'];
  const secret = parsedSecret(secretsWith(values), 'keyring', (text) => {
    parsed += 1;
    return JSON.parse(text) as unknown;
  });
  expect(await secret.current()).toEqual({ n: 1 });
  expect(await secret.current()).toEqual({ n: 1 });
  expect(parsed).toBe(1);
  values[0] = '{"n":2}';
  expect(await secret.current()).toEqual({ n: 2 });
});

test('a secret that does not exist is unavailable, by name', async () => {
  const secret = parsedSecret(secretsWith([]), 'aftercall/local/sealing', JSON.parse);
  await expect(secret.current()).rejects.toMatchObject({
    name: 'SecretUnavailableError',
    message: expect.stringContaining('aftercall/local/sealing'),
  });
});
