import { AnswerTooLargeError } from './answer-too-large-error.ts';

/** What a server answered. */
export interface HttpAnswer {
  readonly status: number;
  /** Its first line and its headers, as they came. */
  readonly head: string;
  readonly body: Buffer;
}

/** An answer, and whether its connection serves no other request: the server said so, or went on after the answer. */
export interface ReadAnswer extends HttpAnswer {
  readonly isLast: boolean;
}

/** As much as Node takes of a head. */
const MAX_HEAD_BYTES = 16_384;
const HEAD =
  /^HTTP\/1\.1 ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?(?:\r\n[\w!#$%&'*+.^`|~-]+:[\t\x20-\x7e\x80-\xff]*)*$/;
/** What says where an answer ends, and whether another may follow. */
const FRAMING = /\r\n(content-length|transfer-encoding|connection):[\t ]*([^\r]*)/gi;
/** Answers that have no body, whatever else they say: 204 and 304. */
const BODILESS: ReadonlySet<number> = new Set([204, 304]);
/** Before the first bytes; one for all answers. */
const NOTHING: Buffer = Buffer.alloc(0);
const CHUNK = /^([\da-f]{1,7})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/i;
const CLOSE = /(?:^|,)[\t ]*close[\t ]*(?:,|$)/i;

/** The first header of this name. @param name in any case, of letters and hyphens */
export const headerOf = ({ head }: HttpAnswer, name: string): string | undefined =>
  new RegExp(`\\r\\n${name}:[\\t ]*([^\\r]*)`, 'i').exec(head)?.[1]?.trimEnd();

/**
 * Reads one answer as it arrives, cut anywhere. Stricter than HTTP allows clients to be: two readings of the same bytes
 * are how answers get mixed up, and the services that are called here have no need of the rest.
 *
 * @returns takes the next bytes, answers undefined until the answer is whole, and throws a `MalformedAnswerError` for
 * what is none, an `AnswerTooLargeError` for one with a larger body
 * @see https://www.rfc-editor.org/rfc/rfc9112
 */
export function createAnswerReader(maxBodyBytes: number): (bytes: Buffer) => ReadAnswer | undefined {
  let room = NOTHING;
  let length = 0;
  let wanted = 0;
  return (bytes) => {
    const before = length;
    length += bytes.length;
    if (before === 0) room = bytes;
    else {
      // As soon as it is known how long the answer is, there is room for all of it, and no byte is moved again.
      if (length > room.length) room = moved(room.subarray(0, before), Math.max(length, wanted));
      room.set(bytes, before);
    }
    if (length < wanted) return undefined;
    const answer = answerIn(room.subarray(0, length), maxBodyBytes);
    if (typeof answer === 'object') return answer;
    wanted = answer;
    return undefined;
  };
}

function moved(bytes: Buffer, length: number): Buffer {
  const room = Buffer.allocUnsafe(length);
  room.set(bytes);
  return room;
}

/** @returns the answer, or how many bytes there must be before it is worth another look */
function answerIn(bytes: Buffer, maxBodyBytes: number): ReadAnswer | number {
  let start = 0;
  for (;;) {
    const end = bytes.indexOf('\r\n\r\n', start, 'latin1');
    if ((end < 0 ? bytes.length : end) - start > MAX_HEAD_BYTES)
      throw malformed('a head of an expected size');
    if (end < 0) return bytes.length + 1;
    const head = bytes.toString('latin1', start, end);
    const status = Number(HEAD.exec(head)?.[1]);
    if (Number.isNaN(status)) throw malformed('a head');
    start = end + 4;
    // An answer before the answer. 101 would be no HTTP any more: it has no length, and is refused for that.
    if (status < 200 && status !== 101) continue;
    const { close, length } = framing(head, status);
    const body =
      length === 'chunked'
        ? chunksIn(bytes, start, maxBodyBytes)
        : bodyIn(bytes, start, within(length, maxBodyBytes));
    if (typeof body === 'number') return body;
    return { status, head, body: body.bytes, isLast: close || body.end < bytes.length };
  }
}

interface Framing {
  readonly close: boolean;
  readonly length: number | 'chunked';
}

/** There must be exactly one way to tell where the body ends. The end of the connection is none: it may come too early. */
function framing(head: string, status: number): Framing {
  const fields = new Map<string, string>();
  for (const [, name = '', value = ''] of head.matchAll(FRAMING)) {
    const key = name.toLowerCase();
    const before = fields.get(key);
    // What comes twice is one list, as HTTP has it, and so no length.
    fields.set(key, before === undefined ? value.trimEnd() : `${before}, ${value.trimEnd()}`);
  }
  const [length, coding] = [fields.get('content-length'), fields.get('transfer-encoding')?.toLowerCase()];
  const close = CLOSE.test(fields.get('connection') ?? '');
  if (BODILESS.has(status)) return { close, length: 0 };
  if (length === undefined && coding === 'chunked') return { close, length: coding };
  if (coding !== undefined || !/^\d{1,10}$/.test(length ?? '')) throw malformed('a length');
  return { close, length: Number(length) };
}

interface Body {
  readonly bytes: Buffer;
  /** Where what comes after it would begin. */
  readonly end: number;
}

function bodyIn(bytes: Buffer, start: number, length: number): Body | number {
  const end = start + length;
  return bytes.length < end ? end : { bytes: bytes.subarray(start, end), end };
}

/** Trailers, which nobody asked for, are refused. */
function chunksIn(bytes: Buffer, start: number, maxBytes: number): Body | number {
  const chunks: Buffer[] = [];
  for (let [at, total] = [start, 0]; ; ) {
    const line = bytes.indexOf('\r\n', at, 'latin1');
    if ((line < 0 ? bytes.length : line) - at > MAX_HEAD_BYTES) throw malformed('a chunk');
    if (line < 0) return bytes.length + 1;
    const size = parseInt(CHUNK.exec(bytes.toString('latin1', at, line))?.[1] ?? '', 16);
    if (Number.isNaN(size)) throw malformed('a chunk');
    total = within(total + size, maxBytes);
    const end = line + 2 + size;
    if (bytes.length < end + 2) return end + 2;
    if (bytes.toString('latin1', end, end + 2) !== '\r\n') throw malformed('the end of a chunk');
    if (size === 0) return { bytes: Buffer.concat(chunks), end: end + 2 };
    chunks.push(bytes.subarray(line + 2, end));
    at = end + 2;
  }
}

function within(length: number, maxBytes: number): number {
  if (length > maxBytes) throw new AnswerTooLargeError(maxBytes);
  return length;
}

/** Without what came instead, which may be anything. */
function malformed(what: string): Error {
  const error = new Error(`the answer is no HTTP: ${what} is missing or cannot be read`);
  error.name = 'MalformedAnswerError';
  return error;
}
