import { expect, test } from '@jest/globals';
import { type Env, parseConfig } from './config.ts';

const env: Env = {
  STAGE: 'dev',
  SEALING_SECRET_NAME: 'aftercall/dev/sealing',
  OAUTH_SECRETS: '{"aftercall/dev/genesys/main/backfill":"main"}',
  GENESYS_ORGS:
    '[{"org":"main","region":"eu-west-1","secretName":"aftercall/dev/genesys/main/secret-rotator"}]',
  SECRET_TTL_SECONDS: '300',
  LOG_LEVEL: 'info',
};

test('reads what the infra stack sets', () => {
  const config = parseConfig(env);
  expect([...config.oauthSecrets]).toEqual([['aftercall/dev/genesys/main/backfill', 'main']]);
  expect(config).toMatchObject({ stage: 'dev', secretTtlSeconds: 300 });
});

test.each(['[1]', 'null', '{"a":1}', 'nonsense'])('%s names no organisation of a secret', (OAUTH_SECRETS) => {
  expect(() => parseConfig({ ...env, OAUTH_SECRETS })).toThrow('bad environment: OAUTH_SECRETS');
});
