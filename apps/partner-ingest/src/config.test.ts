import { expect, test } from '@jest/globals';
import { type Env, parseConfig } from './config.ts';

const own: Env = {
  STAGE: 'test',
  EVENTS_QUEUE_URL: 'http://127.0.0.1/0/events.fifo',
  PARTNER_INBOX_QUEUE_URL: 'http://127.0.0.1/0/partner-inbox',
  PARTNER_INBOX_DEAD_LETTER_QUEUE_URL: 'http://127.0.0.1/0/partner-inbox-dead',
  SEALING_SECRET_NAME: 'aftercall/test/sealing',
  PARTNER_SOURCES: JSON.stringify([
    { eventSourceName: 'aws.partner/genesys.com/cloud/o/one', key: 'genesys', org: 'main' },
    { eventSourceName: 'aws.partner/genesys.com/cloud/o/two', key: 'second' },
  ]),
  GENESYS_ORGS: '[]',
  RETENTION_SECONDS: '6048000',
  SECRET_TTL_SECONDS: '300',
  BACKOFF_BASE_SECONDS: '5',
  BACKOFF_MAX_SECONDS: '300',
  CIRCUITS_PARAMETER: '/aftercall/dev/circuits',
  CIRCUIT_MAX_HELD_SECONDS: '7200',
  SET_ASIDE_BUCKET: 'set-aside',
  SET_ASIDE_TABLE: 'set-aside',
  BUS_NAME: 'aftercall-dev',
  LOG_LEVEL: 'info',
};
const env = {
  ...own,
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKID',
  AWS_SECRET_ACCESS_KEY: 'hidden',
};

test('each event source is known by its name', () => {
  expect([...parseConfig(env).partnerSources]).toEqual([
    ['aws.partner/genesys.com/cloud/o/one', { key: 'genesys', org: 'main' }],
    ['aws.partner/genesys.com/cloud/o/two', { key: 'second' }],
  ]);
});

const source = { eventSourceName: 'aws.partner/genesys.com/cloud/o/one', key: 'genesys' };

test.each([
  ['no list', source],
  ['one that is null', [null]],
  ['one that is of another kind', [{ ...source, eventSourceName: 'aws.s3' }]],
  ['one without a key', [{ eventSourceName: source.eventSourceName }]],
  ['a key that cannot be part of others', [{ ...source, key: 'a/b' }]],
  ['an organisation that cannot be part of keys', [{ ...source, org: 'a/b' }]],
  ['one twice', [source, { ...source, key: 'again' }]],
])('a stage whose event sources are %s does not start', (_case, partnerSources) => {
  expect(() => parseConfig({ ...env, PARTNER_SOURCES: JSON.stringify(partnerSources) })).toThrow(
    'bad environment: PARTNER_SOURCES',
  );
});
