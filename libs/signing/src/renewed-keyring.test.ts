import { expect, test } from '@jest/globals';
import { checkSeal, type Keyring, parseKeyring, renewedKeyring, seal } from './index.ts';

const key = (byte: number): string => Buffer.alloc(32, byte).toString('base64');
const day = (days: number): Date => new Date(Date.parse('2026-11-22T10:00:00Z') + days * 86_400_000);
const first: Keyring = { current: 'k1', keys: { k1: { key: key(1) } } };
const body = '{"specversion":"1.0"}';

test('what was sealed two rotations ago still opens, and the newest key seals', () => {
  const second = renewedKeyring(first, { kid: 'k2', key: key(2) }, day(0));
  const third = renewedKeyring(second, { kid: 'k3', key: key(3) }, day(30));
  for (const sealed of [first, second, third].map((keyring) => seal(body, keyring)))
    expect(checkSeal(body, sealed, third, day(31))).toBe('valid');
  expect(seal(body, third)).toMatch(/^v1:k3:/);
});

test('a key opens for 90 days after it was replaced, and a later rotation drops it', () => {
  const second = renewedKeyring(first, { kid: 'k2', key: key(2) }, day(0));
  expect(checkSeal(body, seal(body, first), second, day(90))).toBe('valid');
  expect(checkSeal(body, seal(body, first), second, day(91))).toBe('invalid');
  expect(Object.keys(renewedKeyring(second, { kid: 'k3', key: key(3) }, day(89)).keys)).toEqual([
    'k1',
    'k2',
    'k3',
  ]);
  expect(Object.keys(renewedKeyring(second, { kid: 'k3', key: key(3) }, day(91)).keys)).toEqual(['k2', 'k3']);
});

test('a second rotation lengthens no key’s life', () => {
  const second = renewedKeyring(first, { kid: 'k2', key: key(2) }, day(0));
  const third = renewedKeyring(second, { kid: 'k3', key: key(3) }, day(30));
  expect(third.keys['k1']).toEqual(second.keys['k1']);
});

test('the keyring that comes of it can be read', () => {
  const renewed = renewedKeyring(first, { kid: 'k2', key: key(2) }, day(0));
  expect(parseKeyring(JSON.stringify(renewed))).toEqual(renewed);
});

test('a name that is taken is refused', () => {
  expect(() => renewedKeyring(first, { kid: 'k1', key: key(2) }, day(0))).toThrow('has a key k1 already');
});
