import { expect, test } from '@jest/globals';
import { parseConfig } from './config.ts';

const env = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKID',
  AWS_SECRET_ACCESS_KEY: 'hidden',
  EVENTS_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/events.fifo',
  SET_ASIDE_BUCKET: 'set-aside',
  SET_ASIDE_TABLE: 'set-aside',
  DELIVERIES_BUCKET: 'deliveries',
  SEALING_SECRET_NAME: 'sealing',
  SOURCES: JSON.stringify([{ key: 'main', scheme: 'genesys-webhook', secretName: 'main' }]),
  RETENTION_SECONDS: '6048000',
  SECRET_TTL_SECONDS: '300',
  QUARANTINE_DAILY_BYTES: '1000',
  LOG_LEVEL: 'info',
};

test('calls are signed with what Lambda gives, a session token included', () => {
  expect(parseConfig({ ...env, AWS_SESSION_TOKEN: 'token' }).awsAccess).toEqual({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKID', secretAccessKey: 'hidden', sessionToken: 'token' },
    endpoints: {
      dynamodb: 'https://dynamodb.eu-west-1.amazonaws.com',
      events: 'https://events.eu-west-1.amazonaws.com',
      secretsManager: 'https://secretsmanager.eu-west-1.amazonaws.com',
    },
  });
});

test.each([
  ['China', { AWS_REGION: 'cn-north-1' }, 'https://secretsmanager.cn-north-1.amazonaws.com.cn'],
  ['another endpoint for all', { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }, 'http://127.0.0.1:1'],
  [
    'one for this service',
    { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1:2' },
    'http://127.0.0.1:2',
  ],
])('%s has its own address', (_case, changes, secretsManager) => {
  expect(parseConfig({ ...env, ...changes }).awsAccess).toMatchObject({ endpoints: { secretsManager } });
});

test('a function without credentials says so at the start, unless the SDK is to find them', () => {
  const { AWS_ACCESS_KEY_ID: _gone, ...without } = env;
  expect(() => parseConfig(without)).toThrow('bad environment: AWS_ACCESS_KEY_ID');
  expect(parseConfig({ ...without, AWS_CALLS: 'sdk' }).awsAccess).toBe('sdk');
  expect(() => parseConfig({ ...env, AWS_CALLS: 'smithy' })).toThrow('bad environment: AWS_CALLS');
});
