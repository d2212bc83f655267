import { BACKSLASH, QUOTE } from './characters.ts';
import { decodedString, escapeLength } from './json-string.ts';
import { RedactionError, type RedactionFault } from './redaction-error.ts';
import type { Window } from './window.ts';

const [LETTER_F, LETTER_N, LETTER_T] = [0x66, 0x6e, 0x74] as const;
const [COLON, COMMA] = [0x3a, 0x2c] as const;
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d] as const;

/** What the document's structure is told to, in its order. */
export interface JsonHandler {
  /** Answers `wait` when more of the document must be here before the object is read. */
  readonly openObject: (offset: number) => 'go on' | 'wait';
  readonly openArray: () => void;
  readonly close: () => void;
  /** A key, which lies between these indexes of the window. */
  readonly key: (from: number, to: number) => void;
  /** How the string is to be read whose first byte, behind the quote, lies at the offset. */
  readonly string: (offset: number) => StringUse;
  /** Reads on in a string that is text; `complete` when behind its closing quote. */
  readonly text: () => 'complete' | 'incomplete';
  /** A string that was to be kept. */
  readonly kept: (text: string) => void;
}

export type StringUse = 'skip' | 'text' | 'keep';

type Expected =
  | 'value'
  | 'element or end'
  | 'key'
  | 'key or end'
  | 'colon'
  | 'comma or end'
  | 'rest of text'
  | 'rest of string'
  | 'nothing';

/** A reader of JSON that checks the grammar of RFC 8259 and hands on only what is asked for. */
export interface JsonScanner {
  readonly window: Window;
  readonly handler: JsonHandler;
  expected: Expected;
  /** The containers around the place that is being read. */
  readonly open: ('object' | 'array')[];
  /** Whether more of the document may come. */
  input: 'open' | 'ended';
}

/** A transcript has some eight levels. */
const MAX_DEPTH = 64;
/** Keys, ids and numbers are short; what is longer need not be held in memory to be refused. */
const MAX_TOKEN_BYTES = 1024;

export function createJsonScanner(window: Window, handler: JsonHandler): JsonScanner {
  return { window, handler, expected: 'value', open: [], input: 'open' };
}

/** Reads as far as what is here allows. @throws RedactionError */
export function scan(scanner: JsonScanner): void {
  const { window } = scanner;
  while (continueString(scanner)) {
    skipSpace(window);
    if (window.at === window.end) return;
    if (!step(scanner, window.bytes[window.at] ?? 0)) return;
  }
}

/** Ends the reading. @throws RedactionError when the document has not come to its end */
export function finish(scanner: JsonScanner): void {
  scanner.input = 'ended';
  scan(scanner);
  const { window } = scanner;
  if (scanner.expected !== 'nothing') throw new RedactionError('truncated', window.base + window.end);
}

function fault({ window }: JsonScanner, code: RedactionFault): RedactionError {
  return new RedactionError(code, window.base + window.at);
}

function skipSpace(window: Window): void {
  const { bytes } = window;
  let { at } = window;
  for (
    let byte = bytes[at];
    byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
    byte = bytes[at]
  ) {
    at += 1;
  }
  window.at = at;
}

/** Goes on in a string that was begun; false when more of the document is needed. */
function continueString(scanner: JsonScanner): boolean {
  const { expected } = scanner;
  if (expected === 'rest of text') {
    if (scanner.handler.text() === 'incomplete') return false;
    endValue(scanner);
  } else if (expected === 'rest of string') {
    if (!skipString(scanner.window)) return false;
    endValue(scanner);
  }
  return true;
}

/** Reads one token; false when more of the document is needed. */
function step(scanner: JsonScanner, byte: number): boolean {
  switch (scanner.expected) {
    case 'key or end':
      if (byte === CLOSE_BRACE) return close(scanner);
      return readKey(scanner, byte);
    case 'key':
      return readKey(scanner, byte);
    case 'colon':
      if (byte !== COLON) throw fault(scanner, 'invalid-json');
      return advance(scanner, 'value');
    case 'element or end':
      if (byte === CLOSE_BRACKET) return close(scanner);
      return readValue(scanner, byte);
    case 'value':
      return readValue(scanner, byte);
    case 'comma or end':
      return readSeparator(scanner, byte);
    case 'nothing':
    case 'rest of text':
    case 'rest of string':
      throw fault(scanner, 'invalid-json');
  }
}

function advance(scanner: JsonScanner, expected: Expected): true {
  scanner.window.at += 1;
  scanner.expected = expected;
  return true;
}

function endValue(scanner: JsonScanner): true {
  scanner.expected = scanner.open.length === 0 ? 'nothing' : 'comma or end';
  return true;
}

function close(scanner: JsonScanner): true {
  scanner.open.pop();
  scanner.window.at += 1;
  scanner.handler.close();
  return endValue(scanner);
}

function readSeparator(scanner: JsonScanner, byte: number): true {
  const isObject = scanner.open.at(-1) === 'object';
  if (byte === COMMA) return advance(scanner, isObject ? 'key' : 'value');
  if (byte !== (isObject ? CLOSE_BRACE : CLOSE_BRACKET)) throw fault(scanner, 'invalid-json');
  return close(scanner);
}

function readKey(scanner: JsonScanner, byte: number): boolean {
  if (byte !== QUOTE) throw fault(scanner, 'invalid-json');
  const { window, handler } = scanner;
  const from = window.at + 1;
  const to = shortStringEnd(scanner, from);
  if (to < 0) return false;
  handler.key(from, to);
  // Mostly nothing stands between them.
  const isAtColon = window.bytes[to + 1] === COLON;
  window.at = isAtColon ? to + 2 : to + 1;
  scanner.expected = isAtColon ? 'value' : 'colon';
  return true;
}

/** Index of the closing quote of a key or an id; −1 while it is not here. */
function shortStringEnd({ window }: JsonScanner, from: number): number {
  const { at } = window;
  window.at = from;
  const isComplete = skipString(window);
  const to = window.at - 1;
  window.at = at;
  if (to - from > MAX_TOKEN_BYTES) throw new RedactionError('token-too-long', window.base + from);
  return isComplete ? to : -1;
}

/** Moves behind the closing quote; false, and as far as possible, while it is not here. */
function skipString(window: Window): boolean {
  const { bytes } = window;
  let { at } = window;
  for (;;) {
    const byte = bytes[at] ?? 0;
    if (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) {
      at += 1;
      continue;
    }
    window.at = at;
    if (at === window.end) return false;
    if (byte < 0x20) throw new RedactionError('invalid-json', window.base + at);
    if (byte === QUOTE) {
      window.at += 1;
      return true;
    }
    const length = escapeLength(window, at);
    if (length === 0) return false;
    at += length;
  }
}

function readValue(scanner: JsonScanner, byte: number): boolean {
  switch (byte) {
    case QUOTE:
      return readString(scanner);
    case OPEN_BRACE:
      if (scanner.handler.openObject(scanner.window.base + scanner.window.at) === 'wait') return false;
      return open(scanner, 'object', 'key or end');
    case OPEN_BRACKET:
      scanner.handler.openArray();
      return open(scanner, 'array', 'element or end');
    case LETTER_T:
      return readLiteral(scanner, 'true');
    case LETTER_F:
      return readLiteral(scanner, 'false');
    case LETTER_N:
      return readLiteral(scanner, 'null');
    default:
      return readNumber(scanner);
  }
}

function open(scanner: JsonScanner, container: 'object' | 'array', expected: Expected): true {
  if (scanner.open.length === MAX_DEPTH) throw fault(scanner, 'too-deep');
  scanner.open.push(container);
  return advance(scanner, expected);
}

function readString(scanner: JsonScanner): boolean {
  const { window, handler } = scanner;
  const use = handler.string(window.base + window.at + 1);
  if (use === 'keep') return keepString(scanner);
  return advance(scanner, use === 'text' ? 'rest of text' : 'rest of string');
}

function keepString(scanner: JsonScanner): boolean {
  const { window, handler } = scanner;
  const from = window.at + 1;
  const to = shortStringEnd(scanner, from);
  if (to < 0) return false;
  handler.kept(decodedString(window, from, to));
  window.at = to + 1;
  return endValue(scanner);
}

function readLiteral(scanner: JsonScanner, literal: 'true' | 'false' | 'null'): boolean {
  const { window } = scanner;
  const here = window.bytes.toString('latin1', window.at, Math.min(window.at + literal.length, window.end));
  if (!literal.startsWith(here)) throw fault(scanner, 'invalid-json');
  if (here !== literal) return false;
  window.at += literal.length;
  return endValue(scanner);
}

function readNumber(scanner: JsonScanner): boolean {
  const { window } = scanner;
  const end = numberEnd(window.bytes, window.at);
  if (end - window.at > MAX_TOKEN_BYTES) throw fault(scanner, 'token-too-long');
  // At the end of what is here, a digit may follow still.
  if (end === window.end && scanner.input === 'open') return false;
  if (!isDigit(window.bytes[end - 1])) {
    if (end === window.end) throw new RedactionError('truncated', window.base + end);
    throw fault(scanner, 'invalid-json');
  }
  window.at = end;
  return endValue(scanner);
}

/** Index behind the longest beginning of a number; it is a number when its last character is a digit. */
function numberEnd(bytes: Buffer, from: number): number {
  let at = bytes[from] === 0x2d ? from + 1 : from;
  const first = at;
  at = digitsEnd(bytes, at);
  // No number begins with two digits of which the first is zero.
  if (at === first) return at;
  if (bytes[first] === 0x30) at = first + 1;
  if (bytes[at] === 0x2e) {
    const point = at + 1;
    at = digitsEnd(bytes, point);
    if (at === point) return at;
  }
  if (bytes[at] !== 0x65 && bytes[at] !== 0x45) return at;
  at += 1;
  if (bytes[at] === 0x2b || bytes[at] === 0x2d) at += 1;
  return digitsEnd(bytes, at);
}

function digitsEnd(bytes: Buffer, from: number): number {
  let at = from;
  while (isDigit(bytes[at])) at += 1;
  return at;
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;
