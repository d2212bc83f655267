import { expect, test } from '@jest/globals';
import { type Env, parseConfig } from './config.ts';

const own: Env = {
  STAGE: 'test',
  COMPLIANCE_QUEUE_URL: 'http://127.0.0.1/0/compliance',
  COMPLIANCE_DEAD_LETTER_QUEUE_URL: 'http://127.0.0.1/0/compliance-dead',
  RULES_BUCKET: 'config',
  RULES_KEY: 'compliance/rules.json',
  RULES_POLL_SECONDS: '60',
  QA_QUEUE_URLS:
    '{"default":"http://127.0.0.1/0/qa-default.fifo","security":"http://127.0.0.1/0/qa-security.fifo"}',
  BUS_NAME: 'aftercall',
  GENESYS_APP_URL: 'https://apps.mypurecloud.ie',
  GENESYS_ORGS: '[]',
  SECRET_TTL_SECONDS: '300',
  BACKOFF_BASE_SECONDS: '5',
  BACKOFF_MAX_SECONDS: '300',
  CIRCUITS_PARAMETER: '/aftercall/dev/circuits',
  CIRCUIT_MAX_HELD_SECONDS: '7200',
  SET_ASIDE_BUCKET: 'set-aside',
  SET_ASIDE_TABLE: 'set-aside',
  SEALING_SECRET_NAME: 'aftercall/dev/seal',
  LOG_LEVEL: 'info',
};
const env = {
  ...own,
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKID',
  AWS_SECRET_ACCESS_KEY: 'hidden',
};

test('each team has its queue', () => {
  expect([...parseConfig(env).qaQueueUrls]).toEqual([
    ['default', 'http://127.0.0.1/0/qa-default.fifo'],
    ['security', 'http://127.0.0.1/0/qa-security.fifo'],
  ]);
});

test.each([
  ['none for what no rule matches', '{"security":"http://127.0.0.1/0/qa-security.fifo"}'],
  ['one without a URL', '{"default":"http://127.0.0.1/0/q.fifo","security":""}'],
  ['one that is null', '{"default":"http://127.0.0.1/0/q.fifo","security":null}'],
  ['no map of queues', '["default"]'],
  ['no JSON', 'default'],
])('a stage with %s does not start', (_case, queueUrls) => {
  expect(() => parseConfig({ ...env, QA_QUEUE_URLS: queueUrls })).toThrow('bad environment: QA_QUEUE_URLS');
});

test('whose conversations can be tagged is a list of organisations, which may be empty', () => {
  expect([...parseConfig(env).genesysOrgs]).toEqual([]);
  const listed = [{ org: 'main', region: 'eu-west-1', secretName: 'aftercall/test/genesys/main/router' }];
  const { genesysOrgs } = parseConfig({ ...env, GENESYS_ORGS: JSON.stringify(listed) });
  expect(genesysOrgs.get('main')).toMatchObject({ apiBaseUrl: 'https://api.mypurecloud.ie' });
  expect(() => parseConfig({ ...env, GENESYS_ORGS: '[{"org":"main"}]' })).toThrow(
    'bad environment: GENESYS_ORGS',
  );
});
