import { expect, test } from '@jest/globals';
import { isUnavailable } from './unavailability.ts';

const error = (fields: object): Error => Object.assign(new Error('sorry'), fields);

test.each([
  ['a 503', { $metadata: { httpStatusCode: 503 } }],
  ['a 429', { $metadata: { httpStatusCode: 429 } }],
  [
    'throttling, which DynamoDB answers with a 400',
    { name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } },
  ],
  ['a refused connection', { code: 'ECONNREFUSED' }],
  ['a time-out', { name: 'TimeoutError' }],
  ['a time-out inside another error', { cause: error({ name: 'TimeoutError' }) }],
  ['a bus that refused for internal reasons', { code: 'InternalFailure' }],
  ['Genesys Cloud that does not answer', { name: 'GenesysUnavailableError' }],
  ['a permission that is not granted yet', { name: 'GenesysRefusedError' }],
  ['a token that is not to be had', { name: 'TokenUnavailableError' }],
  ['an OAuth client whose secret is wrong', { name: 'TokenRefusedError' }],
])('%s is an outage', (_case, fields) => {
  expect(isUnavailable(error(fields))).toBe(true);
});

test.each([
  ['a plain error', error({})],
  ['a validation error', error({ name: 'ValidationException', $metadata: { httpStatusCode: 400 } })],
  ['an answer of an unknown form', error({ name: 'GenesysAnswerError' })],
  ['a bug', new TypeError('x is undefined')],
  ['something that is no error', 'ECONNREFUSED'],
])('%s is not', (_case, thrown) => {
  expect(isUnavailable(thrown)).toBe(false);
});
