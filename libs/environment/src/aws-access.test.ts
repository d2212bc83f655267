import { expect, test } from '@jest/globals';
import { awsAccess, type Environment } from './index.ts';

const env = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'hidden' };

function signed(changes: Environment = {}) {
  const access = awsAccess({ ...env, ...changes });
  if (access === 'sdk') throw new Error('the SDK was not asked for');
  return access;
}

test('calls are signed with what Lambda gives, a session token included', () => {
  expect(signed({ AWS_SESSION_TOKEN: 'token' })).toMatchObject({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKID', secretAccessKey: 'hidden', sessionToken: 'token' },
  });
});

test.each(['dynamodb', 'events', 's3', 'secretsmanager', 'ssm'] as const)(
  '%s is in the region',
  (service) => {
    expect(signed().endpointOf(service)).toBe(`https://${service}.eu-west-1.amazonaws.com`);
  },
);

test.each([
  ['China', { AWS_REGION: 'cn-north-1' }, 'https://events.cn-north-1.amazonaws.com.cn'],
  ['another endpoint for all', { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }, 'http://127.0.0.1:1'],
  [
    'one for this service',
    { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_ENDPOINT_URL_EVENTBRIDGE: 'http://127.0.0.1:2' },
    'http://127.0.0.1:2',
  ],
])('%s has its own address', (_case, changes, endpoint) => {
  expect(signed(changes).endpointOf('events')).toBe(endpoint);
});

test('a function without credentials says so at the start, unless the SDK is to find them', () => {
  const { AWS_ACCESS_KEY_ID: _gone, ...without } = env;
  expect(() => awsAccess(without)).toThrow('bad environment: AWS_ACCESS_KEY_ID');
  expect(awsAccess({ ...without, AWS_CALLS: 'sdk' })).toBe('sdk');
  expect(() => awsAccess({ ...env, AWS_CALLS: 'smithy' })).toThrow('bad environment: AWS_CALLS');
});
