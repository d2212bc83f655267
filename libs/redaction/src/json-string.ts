import { BACKSLASH } from './characters.ts';
import { RedactionError } from './redaction-error.ts';
import type { Window } from './window.ts';

/**
 * One character of a string as one number, since there is one for every few bytes: its code point times 16, plus the
 * bytes that it takes in the document.
 */
type Character = number;

export const NOT_HERE_YET: Character = -1;
export const pointOf = (character: Character): number => Math.floor(character / 16);
export const lengthOf = (character: Character): number => character & 15;
const characterOf = (point: number, length: number): Character => point * 16 + length;

/** By the character behind the backslash, as code points. */
const SIMPLE_ESCAPES: ReadonlyMap<number, number> = new Map(
  Array.from(
    '"\\/bfnrt',
    (letter, index) => [letter.charCodeAt(0), '"\\/\b\f\n\r\t'.charCodeAt(index)] as const,
  ),
);

const LETTER_U = 0x75;
const SIMPLE_LENGTH = 2;
const UNICODE_LENGTH = 6;

/**
 * Decodes the character at an index of the window; the bytes are known to be UTF-8.
 *
 * @returns `NOT_HERE_YET` while not all of it is here
 * @throws RedactionError for a control character or an escape that JSON does not have
 */
export function characterAt(window: Window, index: number): Character {
  const { bytes, end } = window;
  const byte = bytes[index] ?? 0;
  if (index >= end) return NOT_HERE_YET;
  if (byte < 0x20) throw new RedactionError('invalid-json', window.base + index);
  if (byte === BACKSLASH) return escapedAt(window, index);
  const length = utf8Length(byte);
  return index + length > end ? NOT_HERE_YET : characterOf(utf8PointAt(bytes, index, length), length);
}

function utf8PointAt(bytes: Buffer, index: number, length: number): number {
  const lead = bytes[index] ?? 0;
  if (length === 1) return lead;
  let point = lead & (0xff >> (length + 1));
  for (let at = index + 1; at < index + length; at += 1) point = (point << 6) | ((bytes[at] ?? 0) & 0x3f);
  return point;
}

/** Bytes of the UTF-8 character that begins with this one; 1 when none does. */
export function utf8Length(lead: number): number {
  if (lead < 0xc0 || lead >= 0xf8) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

function escapedAt(window: Window, index: number): Character {
  const length = escapeLength(window, index);
  if (length === 0) return NOT_HERE_YET;
  if (length === SIMPLE_LENGTH)
    return characterOf(SIMPLE_ESCAPES.get(window.bytes[index + 1] ?? 0) ?? 0, length);
  const unit = unitAt(window, index);
  return isHighSurrogate(unit) ? pairAt(window, index, unit) : characterOf(unit, length);
}

/** A high surrogate may stand alone: JSON allows it. */
function pairAt(window: Window, index: number, high: number): Character {
  const lowIndex = index + UNICODE_LENGTH;
  if (lowIndex >= window.end) return NOT_HERE_YET;
  const alone = characterOf(high, UNICODE_LENGTH);
  if (window.bytes[lowIndex] !== BACKSLASH) return alone;
  const length = escapeLength(window, lowIndex);
  if (length === 0) return NOT_HERE_YET;
  if (length === SIMPLE_LENGTH) return alone;
  const low = unitAt(window, lowIndex);
  if (!isLowSurrogate(low)) return alone;
  return characterOf(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00), 2 * UNICODE_LENGTH);
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;

const unitAt = ({ bytes }: Window, index: number): number =>
  Number.parseInt(bytes.toString('latin1', index + 2, index + UNICODE_LENGTH), 16);

/**
 * Bytes of the escape at an index; 0 while not all of it is here.
 *
 * @throws RedactionError when JSON has no such escape
 */
export function escapeLength(window: Window, index: number): number {
  const { bytes, base, end } = window;
  if (index + 1 >= end) return 0;
  const letter = bytes[index + 1] ?? 0;
  if (SIMPLE_ESCAPES.has(letter)) return SIMPLE_LENGTH;
  if (letter !== LETTER_U) throw new RedactionError('invalid-json', base + index);
  if (index + UNICODE_LENGTH > end) return 0;
  if (!/^[\da-f]{4}$/i.test(bytes.toString('latin1', index + 2, index + UNICODE_LENGTH))) {
    throw new RedactionError('invalid-json', base + index);
  }
  return UNICODE_LENGTH;
}

/** The text of a string that is wholly here, its bytes given without the quotes. */
export function decodedString(window: Window, from: number, to: number): string {
  if (!isEscaped(window.bytes, from, to)) return window.bytes.toString('utf8', from, to);
  let text = '';
  for (let index = from; index < to; ) {
    const character = characterAt(window, index);
    if (character === NOT_HERE_YET) throw new RedactionError('invalid-json', window.base + index);
    text += String.fromCodePoint(pointOf(character));
    index += lengthOf(character);
  }
  return text;
}

export function isEscaped(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (bytes[at] === BACKSLASH) return true;
  return false;
}
