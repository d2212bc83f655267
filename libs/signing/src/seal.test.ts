import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createHmac } from 'node:crypto';
import type { Keyring } from './index.ts';
import { checkSeal, KeyringError, parseKeyring, seal } from './index.ts';

const now = new Date('2026-11-22T10:00:00Z');
const keyBytes = (first: number) => Buffer.from(Array.from({ length: 32 }, (_, index) => first + index));
const key = (first: number) => keyBytes(first).toString('base64');
const keyring: Keyring = {
  current: 'k2',
  keys: {
    k1: { key: key(1), notAfter: '2026-12-01T00:00:00Z' },
    k2: { key: key(100) },
  },
};
const body = '{"specversion":"1.0","id":"évt"}';

describe('seal', () => {
  test('is the HMAC-SHA256 of the exact bytes under the current key', () => {
    const expected = createHmac('sha256', keyBytes(100)).update(body).digest('base64');
    expect(seal(body, keyring)).toBe(`v1:k2:${expected}`);
  });

  test('is the same for text and for its UTF-8 bytes', () => {
    expect(seal(Buffer.from(body), keyring)).toBe(seal(body, keyring));
  });

  test('throws rather than seal under an empty or missing key', () => {
    expect(() => seal(body, { current: 'k', keys: { k: { key: '' } } })).toThrow(KeyringError);
    expect(() => seal(body, { current: '__proto__', keys: {} })).toThrow(KeyringError);
  });
});

describe('checkSeal', () => {
  const retired = seal(body, { ...keyring, current: 'k1' });

  test('opens what any key of the keyring sealed', () => {
    expect(checkSeal(body, seal(body, keyring), keyring, now)).toBe('valid');
    expect(checkSeal(body, retired, keyring, now)).toBe('valid');
  });

  test('a retired key opens until its notAfter and not a millisecond longer', () => {
    expect(checkSeal(body, retired, keyring, new Date('2026-12-01T00:00:00.000Z'))).toBe('valid');
    expect(checkSeal(body, retired, keyring, new Date('2026-12-01T00:00:00.001Z'))).toBe('invalid');
    expect(checkSeal(body, retired, keyring, new Date(Number.NaN))).toBe('invalid');
  });

  test('a body changed by white space is invalid', () => {
    expect(checkSeal(`${body} `, seal(body, keyring), keyring, now)).toBe('invalid');
  });

  test('a key that is not there is unknown: the keyring may be old', () => {
    const newer = seal(body, { current: 'k3', keys: { k3: { key: key(50) } } });
    expect(checkSeal(body, newer, keyring, now)).toBe('unknown-key');
  });

  test('one key’s seal under another key’s name is invalid', () => {
    expect(checkSeal(body, retired.replace('k1', 'k2'), keyring, now)).toBe('invalid');
  });

  test.each([undefined, '', 'v1', 'v1:k2:', 'v2:k2:x', 'v1:k2:zz', ':::', 'v1:k2:' + 'A'.repeat(65_536)])(
    'the seal %.20j is invalid',
    (text) => {
      expect(checkSeal(body, text, keyring, now)).toBe('invalid');
    },
  );

  test.each([
    ['trailing garbage', (text: string) => `${text}=`],
    ['a missing pad', (text: string) => text.slice(0, -1)],
    ['a line feed', (text: string) => `${text}\n`],
  ])('a good seal with %s is invalid', (_case, change) => {
    expect(checkSeal(body, change(seal(body, keyring)), keyring, now)).toBe('invalid');
  });

  test.each(['constructor', '__proto__', 'toString'])('%s is no key', (kid) => {
    const text = seal(body, keyring).replace('k2', kid);
    expect(checkSeal(body, text, keyring, now)).toBe('unknown-key');
  });

  test.each(['', '=', 'AAAA', '!!!!'])('the empty key %j opens nothing', (empty) => {
    const text = `v1:k:${createHmac('sha256', '').update(body).digest('base64')}`;
    expect(checkSeal(body, text, { current: 'k', keys: { k: { key: empty } } }, now)).toBe('invalid');
  });

  test('what is no text is invalid', () => {
    const given: unknown = Object.create(null);
    expect(checkSeal(body, given as string, keyring, now)).toBe('invalid');
  });

  test('never throws', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.anything(),
      fc.string().map((kid) => `v1:${kid}:${'A'.repeat(43)}=`),
    );
    fc.assert(
      fc.property(texts, fc.uint8Array(), (text, bytes) => {
        expect(['invalid', 'unknown-key']).toContain(checkSeal(bytes, text as string, keyring, now));
      }),
    );
  });
});

describe('parseKeyring', () => {
  test('reads what seal and checkSeal use', () => {
    expect(parseKeyring(JSON.stringify(keyring))).toEqual(keyring);
  });

  const hidden = 'c2VjcmV0LXZhbHVlLXRoYXQtbXVzdC1ub3QtbGVhay0x';
  const good = { key: key(7) };
  test.each([
    ['no JSON', hidden, 'not JSON'],
    ['a list', `["${hidden}"]`, 'must be a JSON object'],
    ['null', 'null', 'must be a JSON object'],
    ['no keys', `{"current":"${hidden}"}`, 'keys must be a JSON object'],
    ['a current that is not there', { current: hidden, keys: { k1: good } }, 'current'],
    ['an inherited current', { current: 'constructor', keys: { k1: good } }, 'current'],
    ['a key that is plain text', { current: 'k1', keys: { k1: hidden } }, 'key k1'],
    ['a key that is no base64', { current: 'k1', keys: { k1: { key: `${hidden}!` } } }, 'key k1'],
    ['a key without its pad', { current: 'k1', keys: { k1: { key: good.key.slice(0, -1) } } }, 'key k1'],
    ['a short key', { current: 'k1', keys: { k1: { key: hidden.slice(0, 40) } } }, 'at least 32 bytes'],
    ['a key of zeros', { current: 'k1', keys: { k1: { key: Buffer.alloc(32).toString('base64') } } }, 'zero'],
    ['an empty key', { current: 'k1', keys: { k1: { key: '' } } }, 'key k1'],
    ['a name with a colon', { current: 'a', keys: { a: good, [`${hidden}:`]: good } }, 'the name of key 2'],
    ['a bad notAfter', { current: 'a', keys: { a: good, b: { ...good, notAfter: hidden } } }, 'notAfter'],
    [
      'a notAfter without a zone',
      { current: 'a', keys: { a: good, b: { ...good, notAfter: '2026-12-01T00:00:00' } } },
      'notAfter',
    ],
    [
      'a current key with an end',
      { current: 'a', keys: { a: { ...good, notAfter: '2027-01-01T00:00:00Z' } } },
      'current key',
    ],
  ])('refuses %s and says so without showing a value', (_case, input, expected) => {
    const error = thrownBy(() => parseKeyring(typeof input === 'string' ? input : JSON.stringify(input)));
    expect(error).toBeInstanceOf(KeyringError);
    expect(String(error)).toContain(expected);
    expect(error).not.toHaveProperty('cause');
    expect(String(error)).not.toContain(hidden.slice(0, 12));
    expect(String(error)).not.toContain(good.key.slice(0, 12));
  });
});

function thrownBy(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
