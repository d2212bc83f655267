import { expect, test } from '@jest/globals';
import type { SchemeName, SignatureScheme } from './index.ts';
import { schemeOf } from './index.ts';

test('a preset is known by its name', () => {
  expect(schemeOf('genesys-webhook')).toEqual({
    kind: 'hmac',
    headers: ['x-genesys-webhook-signature', 'x-genesys-signature'],
    encoding: 'hex',
    prefix: '',
  });
  expect(schemeOf('open-messaging')).toMatchObject({ headers: ['x-hub-signature-256'], prefix: 'sha256=' });
  expect(schemeOf('standard-webhooks')).toEqual({ kind: 'standard-webhooks' });
});

test('header names of a custom scheme are put into lower case', () => {
  const custom = {
    kind: 'hmac',
    headers: ['X-Sig'],
    encoding: 'hex',
    prefix: '',
    timestampHeader: 'X-Time',
  } as const;
  expect(schemeOf(custom)).toEqual({ ...custom, headers: ['x-sig'], timestampHeader: 'x-time' });
  expect(schemeOf({ kind: 'static-header', header: 'X-Key' })).toEqual({
    kind: 'static-header',
    header: 'x-key',
  });
});

test.each(['nope', 'constructor', '__proto__', { kind: 'rsa' }, { kind: 'hmac', headers: [] }])(
  'the configuration %j is refused at the start, not delivery by delivery',
  (config) => {
    expect(() => schemeOf(config as SchemeName | SignatureScheme)).toThrow(TypeError);
  },
);
