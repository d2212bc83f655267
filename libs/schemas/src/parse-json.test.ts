import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseJson } from './parse-json.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

test.each([
  ['an empty body', bytes(''), 'body is empty'],
  ['white space', bytes(' \n'), 'body is empty'],
  ['invalid UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'body is not valid UTF-8'],
  ['a raw NUL', bytes('{"a":"\u0000"}'), 'body is not JSON (at position 6)'],
  ['4 MB of [', bytes('['.repeat(4_000_000)), 'body is not JSON'],
])('%s is unreadable', (_case, body, message) => {
  expect(parseJson(body)).toEqual({ outcome: 'unreadable', message: expect.stringContaining(message) });
});

test('what is wrong is said without quoting the body', () => {
  const parsed = parseJson(bytes('{"card": 4111111111111111 oops'));
  expect(JSON.stringify(parsed)).not.toMatch(/4111|oops/);
});

test('10,000 levels of nesting are read', () => {
  expect(parseJson(bytes('['.repeat(10_000) + ']'.repeat(10_000)))).toMatchObject({ outcome: 'parsed' });
});

test('of duplicate keys the last one counts', () => {
  expect(parseJson(bytes('{"a":1,"a":2}'))).toEqual({ outcome: 'parsed', value: { a: 2 } });
});

test('a lone surrogate becomes U+FFFD', () => {
  expect(parseJson(bytes(String.raw`{"a":"x\ud800"}`))).toEqual({
    outcome: 'parsed',
    value: { a: 'x\uFFFD' },
  });
});

test('a byte order mark is no fault', () => {
  expect(parseJson(bytes('\uFEFF{"a":1}'))).toEqual({ outcome: 'parsed', value: { a: 1 } });
});

test.each([
  ['escaped', String.raw`{"a":"x\ufffe\uFFFF"}`],
  ['raw', '{"a":"x\uFFFE\uFFFF"}'],
])('the non-characters that SQS refuses become U+FFFD: %s', (_case, text) => {
  expect(parseJson(bytes(text))).toEqual({ outcome: 'parsed', value: { a: 'x\uFFFD\uFFFD' } });
});

test('any bytes are answered, never thrown at', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (body) => {
      expect(['parsed', 'unreadable']).toContain(parseJson(body).outcome);
    }),
  );
});
