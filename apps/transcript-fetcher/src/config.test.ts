import { expect, test } from '@jest/globals';
import { type Env, parseConfig } from './config.ts';

const own: Env = {
  STAGE: 'dev',
  TRANSCRIPT_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/1/aftercall-dev-transcript',
  TRANSCRIPT_DEAD_LETTER_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/1/aftercall-dev-transcript-dead',
  LEDGER_TABLE: 'ledger',
  CONVERSATIONS_TABLE: 'conversations',
  TRANSCRIPTS_TABLE: 'transcripts',
  TRANSCRIPTS_BUCKET: 'transcripts',
  ORIGINALS: 'dropped',
  BUS_NAME: 'aftercall-dev',
  DEFAULT_ORG: 'main',
  GENESYS_ORGS:
    '[{"org":"main","region":"eu-west-1","secretName":"aftercall/dev/genesys/main/transcript-fetcher"}]',
  REDACTION: '{"terms":["Jane Smith"],"numberWords":{"cero":"0"}}',
  MAX_TRANSCRIPT_BYTES: '1000000000',
  RETRY_SCHEDULE_SECONDS: '[60,300]',
  GIVE_UP_AFTER_SECONDS: '604800',
  RETENTION_SECONDS: '6048000',
  MAX_ATTEMPTS: '3',
  SECRET_TTL_SECONDS: '300',
  BACKOFF_BASE_SECONDS: '2',
  BACKOFF_MAX_SECONDS: '900',
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

test('reads what the infra stack sets', () => {
  expect(parseConfig(env)).toMatchObject({
    retryScheduleSeconds: [60, 300],
    originalsBucket: undefined,
    egress: {},
    maxTranscriptBytes: 1_000_000_000,
  });
  expect(parseConfig({ ...env, REDACTION: '{}' }).vocabulary.meanings.size).toBeGreaterThan(0);
});

test('originals are kept where that is said, and where is said', () => {
  expect(parseConfig({ ...env, ORIGINALS: 's3://kept' }).originalsBucket).toBe('kept');
});

test('only the local stage may fetch from its own machine', () => {
  expect(parseConfig({ ...env, STAGE: 'local' }).egress).toEqual({ loopback: 'allowed' });
});

test.each([
  ['ORIGINALS', 'kept'],
  ['ORIGINALS', 's3://'],
  ['REDACTION', '[]x'],
  ['REDACTION', 'null'],
  ['REDACTION', '{"terms":[1]}'],
  ['REDACTION', '{"terms":["-Jane"]}'],
  ['REDACTION', '{"numberWords":{"cero":0}}'],
  ['RETRY_SCHEDULE_SECONDS', '60,300'],
  ['RETRY_SCHEDULE_SECONDS', '[0]'],
  ['GENESYS_ORGS', '[{"org":"main"}]'],
])('%s = %s is named, and not shown', (name, value) => {
  expect(() => parseConfig({ ...env, [name]: value })).toThrow(new Error(`bad environment: ${name}`));
});
