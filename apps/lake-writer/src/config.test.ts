import { expect, test } from '@jest/globals';
import { parseConfig } from './config.ts';

const env = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKID',
  AWS_SECRET_ACCESS_KEY: 'hidden',
  STAGE: 'dev',
  LAKE_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/000000000000/aftercall-dev-lake',
  LAKE_DEAD_LETTER_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/000000000000/aftercall-dev-lake-dead',
  LAKE_BUCKET: 'lake',
  LAKE_SHARDS: '4',
  BACKOFF_BASE_SECONDS: '5',
  BACKOFF_MAX_SECONDS: '300',
  CIRCUITS_PARAMETER: '/aftercall/dev/circuits',
  CIRCUIT_MAX_HELD_SECONDS: '7200',
  SET_ASIDE_BUCKET: 'set-aside',
  SET_ASIDE_TABLE: 'set-aside',
  SEALING_SECRET_NAME: 'aftercall/dev/seal',
  BUS_NAME: 'aftercall-dev',
  LOG_LEVEL: 'info',
};

test('the environment comes back typed', () => {
  expect(parseConfig(env)).toMatchObject({ shards: 4, backoff: { baseSeconds: 5, maxSeconds: 300 } });
});

test.each(['0', '1.5', 'many'])('%s is no number of shards', (shards) => {
  expect(() => parseConfig({ ...env, LAKE_SHARDS: shards })).toThrow('bad environment: LAKE_SHARDS');
});
