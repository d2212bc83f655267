import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createAnswerReader, headerOf, type ReadAnswer } from './http-answer.ts';

const MAX_BODY_BYTES = 32_000_000;

/** @returns what the last packet brought */
function readWhole(...packets: readonly (string | Buffer)[]): ReadAnswer | undefined {
  const reader = createAnswerReader(MAX_BODY_BYTES);
  let answer: ReadAnswer | undefined;
  for (const packet of packets) {
    expect(answer).toBeUndefined();
    answer = reader(Buffer.from(packet));
  }
  return answer;
}

function read(...packets: readonly (string | Buffer)[]) {
  const answer = readWhole(...packets);
  return answer && { status: answer.status, text: answer.body.toString(), isLast: answer.isLast };
}

const answer = (head: string, body = '') => `HTTP/1.1 200 OK\r\n${head}\r\n\r\n${body}`;
const good = { status: 200, text: '{}', isLast: false };

test.each([
  ['a length', answer('Date: now\r\nContent-Length: 2', '{}'), good],
  ['a name in any case, a value without space', answer('CONTENT-LENGTH:2', '{}'), good],
  ['a value with more space', answer('content-length: \t2 \t\r\nvia: a', '{}'), good],
  ['no reason', 'HTTP/1.1 200\r\ncontent-length: 2\r\n\r\n{}', good],
  ['no body', answer('content-length: 0'), { ...good, text: '' }],
  ['chunks', answer('transfer-encoding: chunked', '1\r\n{\r\n01\r\n}\r\n0\r\n\r\n'), good],
  ['chunks with extensions', answer('Transfer-Encoding: Chunked', '2;a=b\r\n{}\r\n0 ;c="d"\r\n\r\n'), good],
  [
    'answers before the answer',
    `HTTP/1.1 100\r\n\r\nHTTP/1.1 103 Hints\r\nlink: a\r\n\r\n${answer('content-length: 2', '{}')}`,
    good,
  ],
  [
    'the end of the connection',
    answer('Connection: Close\r\ncontent-length: 2', '{}'),
    { ...good, isLast: true },
  ],
  [
    'that end among others',
    answer('connection: te, close\r\ncontent-length: 2', '{}'),
    { ...good, isLast: true },
  ],
  ['no such end', answer('connection: keep-alive, closed\r\ncontent-length: 2', '{}'), good],
  ['bytes after it', answer('content-length: 2', '{}H'), { ...good, isLast: true }],
  ['no body because of its status', 'HTTP/1.1 304\r\netag: "1"\r\n\r\n', { ...good, status: 304, text: '' }],
  [
    'a length that is not its own',
    'HTTP/1.1 304\r\ncontent-length: 2\r\n\r\n',
    { ...good, status: 304, text: '' },
  ],
  [
    'chunks that are not its own',
    'HTTP/1.1 204\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n',
    { status: 204, text: '', isLast: true },
  ],
  ['a refusal', 'HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}', { ...good, status: 400 }],
])('reads an answer with %s', (_case, bytes, expected) => {
  expect(read(bytes)).toEqual(expected);
});

test.each([
  ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  ['another version', 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}'],
  ['a status of two digits', 'HTTP/1.1 20 OK\r\ncontent-length: 2\r\n\r\n{}'],
  ['another protocol from here on', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n'],
  ['no length', answer('date: now', '{}')],
  ['two lengths', answer('content-length: 2\r\ncontent-length: 2', '{}')],
  ['a length and chunks', answer('content-length: 2\r\ntransfer-encoding: chunked', '2\r\n{}\r\n0\r\n\r\n')],
  ['a coding', answer('transfer-encoding: gzip, chunked', '0\r\n\r\n')],
  ['chunks twice', answer('transfer-encoding: chunked\r\ntransfer-encoding: chunked', '0\r\n\r\n')],
  ['a length below zero', answer('content-length: -2', '{}')],
  ['a length in hexadecimal', answer('content-length: 0x2', '{}')],
  ['a list of lengths', answer('content-length: 2, 2', '{}')],
  ['an empty length', answer('content-length:', '{}')],
  ['space before a colon', answer('content-length : 2', '{}')],
  ['a header over two lines', answer('a: b\r\n c\r\ncontent-length: 2', '{}')],
  ['a line feed alone', answer('a: b\ncontent-length: 2', '{}')],
  ['a carriage return alone', answer('a: b\rcontent-length: 3\r\ncontent-length: 2', '{}')],
  ['a null byte', answer('a: \0\r\ncontent-length: 2', '{}')],
  ['a line without a colon', answer('a\r\ncontent-length: 2', '{}')],
  ['a chunk without a size', answer('transfer-encoding: chunked', '\r\n{}\r\n0\r\n\r\n')],
  ['a chunk below zero', answer('transfer-encoding: chunked', '-2\r\n{}\r\n0\r\n\r\n')],
  ['a chunk longer than it says', answer('transfer-encoding: chunked', '1\r\n{}\r\n0\r\n\r\n')],
  ['a trailer', answer('transfer-encoding: chunked', '0\r\nexpires: 0\r\n\r\n')],
  ['a head without an end', answer(`a: ${'b'.repeat(17_000)}`.slice(0, -4))],
  ['a head above the limit', answer(`a: ${'b'.repeat(17_000)}\r\ncontent-length: 2`, '{}')],
])('refuses %s', (_case, bytes) => {
  expect(() => read(bytes)).toThrow(expect.objectContaining({ name: 'MalformedAnswerError' }));
});

test.each([
  ['a length', answer('content-length: 32000001')],
  ['a chunk', answer('transfer-encoding: chunked', 'fffffff\r\n')],
])('%s above the limit is too large', (_case, bytes) => {
  expect(() => read(bytes)).toThrow(expect.objectContaining({ name: 'AnswerTooLargeError' }));
});

test('headers are found by their name in any case, the first of each', () => {
  const whole = readWhole(answer('X-ETag: "0"\r\nETag: \t"1" \r\netag: "2"\r\ncontent-length: 0'));
  expect(whole && headerOf(whole, 'etag')).toBe('"1"');
  expect(whole && headerOf(whole, 'age')).toBeUndefined();
});

test('chunks above the limit together are refused before they are all there', () => {
  const chunk = `1000000\r\n${'a'.repeat(0x1000000)}\r\n`;
  expect(() => read(answer('transfer-encoding: chunked', chunk), '1000000\r\n')).toThrow('larger');
});

test('what is refused is not repeated: it may be anything', () => {
  expect(() => read('secret\r\n\r\n')).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('secret') }),
  );
});

const text = fc.string({ unit: 'binary', maxLength: 60 });
const withLength = text.map((body) => answer(`content-length: ${Buffer.byteLength(body)}`, body));
const inChunks = fc
  .array(fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }), { maxLength: 5 })
  .map((parts) => parts.map((part) => `${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`).join(''))
  .map((chunks) => answer('transfer-encoding: chunked', `${chunks}0\r\n\r\n`));
const early = fc.constantFrom('', 'HTTP/1.1 100 Continue\r\n\r\n');
const answers = fc
  .tuple(early, fc.oneof(withLength, inChunks))
  .map(([before, bytes]) => Buffer.from(`${before}${bytes}`));

test('an answer is the same however it is cut into packets', () => {
  fc.assert(
    fc.property(answers, fc.array(fc.nat({ max: 400 }), { maxLength: 12 }), (bytes, cuts) => {
      const at = [...new Set([...cuts.map((cut) => cut % bytes.length), 0, bytes.length])].sort(
        (a, b) => a - b,
      );
      const packets = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
      expect(read(...packets)).toEqual(read(bytes));
    }),
  );
});

test('an answer that lacks a byte is not there', () => {
  fc.assert(
    fc.property(answers, (bytes) => {
      expect(read(bytes)).toBeDefined();
      expect(read(bytes.subarray(0, -1))).toBeUndefined();
    }),
  );
});
