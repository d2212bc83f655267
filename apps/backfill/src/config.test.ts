import { expect, test } from '@jest/globals';
import { type Env, parseConfig } from './config.ts';

const env: Env = {
  STAGE: 'local',
  BACKFILL_QUEUE_URL: 'http://127.0.0.1/backfill',
  BACKFILL_DEAD_LETTER_QUEUE_URL: 'http://127.0.0.1/backfill-dead',
  BACKFILL_TABLE: 'backfill',
  LEDGER_TABLE: 'ledger',
  CONVERSATIONS_TABLE: 'conversations',
  EVENTS_QUEUE_URL: 'http://127.0.0.1/events.fifo',
  SEALING_SECRET_NAME: 'aftercall/local/sealing',
  BACKFILL_SOURCES: '[{"key":"backfill","org":"main","mediaTypes":["voice"]},{"key":"acme"}]',
  DEFAULT_ORG: 'main',
  GENESYS_ORGS: '[{"org":"main","region":"eu-west-1","secretName":"aftercall/local/genesys/main/backfill"}]',
  SECRET_TTL_SECONDS: '300',
  BACKOFF_BASE_SECONDS: '1',
  BACKOFF_MAX_SECONDS: '60',
  LOG_LEVEL: 'info',
};

test('sources speak for their own key unless an organisation is named', () => {
  expect([...parseConfig(env).sources.values()]).toEqual([
    { key: 'backfill', org: 'main', mediaTypes: ['voice'] },
    { key: 'acme', org: 'acme', mediaTypes: [] },
  ]);
  expect(parseConfig(env).genesysOrgs.get('main')?.apiBaseUrl).toBe('https://api.mypurecloud.ie');
});

test.each([
  ['no source', '[]'],
  ['no list', '{}'],
  ['a source without a key', '[{"org":"main"}]'],
  ['an org that is none', '[{"key":"a","org":1}]'],
  ['media types that are none', '[{"key":"a","mediaTypes":"voice"}]'],
  ['a source twice', '[{"key":"a"},{"key":"a"}]'],
])('%s is refused by name', (_case, sources) => {
  expect(() => parseConfig({ ...env, BACKFILL_SOURCES: sources })).toThrow(
    'bad environment: BACKFILL_SOURCES',
  );
});
