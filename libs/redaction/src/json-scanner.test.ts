import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RedactionError } from './redaction-error.ts';
import { redactDocument } from './test-transcripts.ts';

const reads = async (document: string | Uint8Array, chunkBytes: readonly number[] = []) =>
  redactDocument(document, { chunkBytes }).then(
    ({ text }) => text,
    (error: unknown) => error,
  );

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('JSON goes through byte by byte as it came', () => {
  test.each([
    ' {"a" : [ 1 , -0 , 0.5e+10 , 1E5 , 2e-3 ] , "b":{ } , "c":[ ] }\r\n\t',
    '[true,false,null,"",{"text":""}]',
    String.raw`{"text":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\ud83d","":{"":[]}}`,
    '"text"',
    '12',
    '-1.5e9',
    'null',
    '{"text":"é😀 \u2028"}',
  ])('%s', async (document) => {
    expect(await reads(document)).toBe(document);
    expect(await reads(document, [1])).toBe(document);
  });
});

describe('what is no JSON is refused', () => {
  test.each([
    '{"a":1,}',
    '[1,]',
    '[1 2]',
    '{"a" 1}',
    '{a:1}',
    "{'a':1}",
    '[01]',
    '[1.]',
    '[.5]',
    '[+1]',
    '[1e]',
    '[-]',
    '[truE]',
    '[nul1]',
    '{"a":1}}',
    '{"a":1} x',
    ']',
    '{]',
    '["\u0001"]',
    '["\t"]',
    String.raw`["\x"]`,
    String.raw`["\u12g4"]`,
    String.raw`{"text":"\x"}`,
    String.raw`{"text":"\u12g4"}`,
    '{"text":"4111\n1111"}',
    '\ufeff{}',
    '<html>',
  ])('%j', async (document) => {
    expect(isJson(document)).toBe(false);
    for (const chunkBytes of [[], [1], [3]]) {
      expect(await reads(document, chunkBytes)).toMatchObject({
        name: 'RedactionError',
        code: 'invalid-json',
      });
    }
  });

  test.each([
    [
      '',
      '{',
      '{"text":"4111',
      '{"text":"a"',
      '[1,',
      '[1',
      'tru',
      '-',
      '"',
      '{"text":"\\',
      '{"phrases":[{"text":"a',
    ],
  ])('as truncated where it ends too early', async (...documents) => {
    for (const document of documents) {
      expect(await reads(document)).toMatchObject({ code: 'truncated', offset: document.length });
    }
  });

  test('as truncated wherever a transcript is cut', async () => {
    const document =
      '{"phrases":[{"text":"4111 1111","words":[{"word":"4111"}],"participant":"x"},{"n":-1.5e3}]}';
    for (let length = 0; length < document.length; length += 1) {
      expect(await reads(document.slice(0, length), [7])).toMatchObject({ code: 'truncated' });
    }
  });

  test.each([
    ['a byte that begins nothing', [0xff]],
    ['an overlong form', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a character that is cut off', [0xe2, 0x82]],
  ])('as no UTF-8 for %s', async (_case, bytes) => {
    for (const key of ['text', 'id']) {
      const document = Buffer.concat([Buffer.from(`{"${key}":"`), Buffer.from(bytes), Buffer.from('"}')]);
      for (const chunkBytes of [[], [1], [2]]) {
        expect(await reads(document, chunkBytes)).toMatchObject({ code: 'invalid-json' });
      }
    }
  });
});

describe('limits', () => {
  test('64 levels are read, 65 are not', async () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    expect(await reads(nested(64))).toBe(nested(64));
    expect(await reads(nested(65))).toMatchObject({ code: 'too-deep', offset: 64 });
  });

  test.each([
    ['key', (length: number) => `{"${'k'.repeat(length)}":1}`],
    ['number', (length: number) => `[${'1'.repeat(length)}]`],
    ['id', (length: number) => `{"conversationId":"${'i'.repeat(length)}"}`],
  ])('a %s of 1024 bytes is read, a longer one is not', async (_token, document) => {
    for (const chunkBytes of [[], [100]]) {
      expect(await reads(document(1024), chunkBytes)).toBe(document(1024));
      expect(await reads(document(1025), chunkBytes)).toMatchObject({ code: 'token-too-long' });
      expect(await reads(document(100_000).slice(0, 50_000), chunkBytes)).toMatchObject({
        code: 'token-too-long',
      });
    }
  });

  test('more bytes than the caller allows are refused as soon as they come', async () => {
    const document = '{"text":"hello"}';
    const maxBytes = document.length;
    await expect(redactDocument(document, { maxBytes })).resolves.toMatchObject({ text: document });
    const longer = redactDocument(`${document} `, { maxBytes, chunkBytes: [4] });
    await expect(longer).rejects.toMatchObject({ code: 'too-large' });
  });

  test('an error shows nothing of the transcript', () => {
    expect(new RedactionError('invalid-json', 12).message).toBe('the transcript is invalid-json at byte 12');
  });
});

test('accepts what JSON.parse accepts and nothing else', async () => {
  const tokens = [
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"text"',
    '"a"',
    '1',
    '-0.5e2',
    'true',
    'null',
    ' ',
    '"',
    '\\',
    '\\u0031',
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.array(fc.constantFrom(...tokens), { maxLength: 12 }).map((parts) => parts.join('')),
        fc.tuple(fc.json(), fc.nat(), fc.constantFrom(...tokens)).map(([json, at, token]) => {
          const place = at % (json.length + 1);
          return json.slice(0, place) + token + json.slice(place + 1);
        }),
        fc.json(),
      ),
      fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 4 }),
      async (document, chunkBytes) => {
        const result = await reads(document, chunkBytes);
        if (isJson(document)) expect(typeof result).toBe('string');
        else expect(result).toBeInstanceOf(RedactionError);
      },
    ),
    { numRuns: 1_000 },
  );
});
