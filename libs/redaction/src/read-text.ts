import {
  asciiDigit,
  BYTE_CLASS,
  classOf,
  CODED,
  DIGIT,
  firstLetter,
  fold,
  LETTER,
  OTHER,
  plainSign,
  QUOTE,
  SIGN,
  SPACE,
} from './characters.ts';
import {
  breakOff,
  type Channel,
  takeDigits,
  takeIdeograph,
  takePlainWord,
  takeSign,
  takeSpace,
  takeWord,
} from './channel.ts';
import { characterAt, decodedString, lengthOf, NOT_HERE_YET, pointOf } from './json-string.ts';
import { RedactionError } from './redaction-error.ts';
import type { Token } from './token.ts';
import type { Meaning, Vocabulary } from './vocabulary.ts';
import type { Window } from './window.ts';
import { wordAt } from './word-index.ts';

/** Longer words and numbers are none: they are let through, and no match runs through them. */
const MAX_WORD_BYTES = 256;

/** A string of the document whose text is searched. */
export interface TextReading {
  readonly window: Window;
  readonly vocabulary: Vocabulary;
  /** Called before each word with its offset in the document. */
  readonly beforeWord: (offset: number) => void;
  /** Whether the reading is in the middle of a word that is too long to be one. */
  place: 'text' | 'long word';
}

/**
 * Reads on to the closing quote of the string that the window stands in.
 *
 * @returns whether it has been reached; if not, more of the document is needed
 * @throws RedactionError
 */
export function readText(reading: TextReading, channel: Channel): 'complete' | 'incomplete' {
  const { window } = reading;
  for (;;) {
    const { bytes, at } = window;
    const byte = bytes[at] ?? 0;
    switch (BYTE_CLASS[byte] ?? OTHER) {
      case SPACE:
        reading.place = 'text';
        takeSpace(channel);
        window.at += 1;
        break;
      case SIGN:
        reading.place = 'text';
        takeSign(channel, String.fromCharCode(byte), window.base + at);
        window.at += 1;
        break;
      case LETTER:
      case DIGIT:
      case CODED:
        if (!readWord(reading, channel)) return 'incomplete';
        break;
      default:
        if (byte === QUOTE) return complete(reading);
        if (at < window.end) throw new RedactionError('invalid-json', window.base + at);
        return 'incomplete';
    }
  }
}

function complete(reading: TextReading): 'complete' {
  reading.place = 'text';
  reading.window.at += 1;
  return 'complete';
}

/** Reads one word or number, or one coded character; false when it has not come to its end. */
function readWord(reading: TextReading, channel: Channel): boolean {
  const { window } = reading;
  const { bytes, at } = window;
  const byteClass = BYTE_CLASS[bytes[at] ?? 0];
  if (byteClass === CODED) return readCoded(reading, channel);
  let to = at + 1;
  while (BYTE_CLASS[bytes[to] ?? 0] === byteClass) to += 1;
  const next = BYTE_CLASS[bytes[to] ?? 0];
  if (reading.place === 'long word') return passOver(window, to);
  if (next === CODED || to - at > MAX_WORD_BYTES) return readCoded(reading, channel);
  if (to === window.end) return false;
  const start = window.base + at;
  const end = window.base + to;
  const follows = next === LETTER || next === DIGIT ? 'word' : 'other';
  reading.beforeWord(start);
  window.at = to;
  if (byteClass === DIGIT) {
    takeDigits(channel, start, end, bytes.toString('latin1', at, to), follows);
    return true;
  }
  const meaning = wordAt(reading.vocabulary.asciiMeanings, bytes, at, to);
  if (meaning || to - at === 1) takeWord(channel, start, end, to - at, meaning, follows);
  else takePlainWord(channel, start, end, follows);
  return true;
}

function passOver(window: Window, to: number): boolean {
  window.at = to;
  return to < window.end;
}

/** The same for what is not plain ASCII, character by character. */
function readCoded(reading: TextReading, channel: Channel): boolean {
  const { window } = reading;
  const { at, base } = window;
  const first = characterAt(window, at);
  if (first === NOT_HERE_YET) return false;
  const point = pointOf(first);
  const kind = classOf(point);
  if (kind === LETTER || kind === DIGIT) return readCodedWord(reading, channel, kind);
  reading.place = 'text';
  window.at += lengthOf(first);
  if (kind === SPACE) takeSpace(channel);
  else if (kind === SIGN) takeSign(channel, plainSign(String.fromCodePoint(point)), base + at);
  else {
    reading.beforeWord(base + at);
    takeIdeograph(channel, base + at, base + window.at, meaningOf(reading, point, String.fromCodePoint));
  }
  return true;
}

/** Reads a word of letters or a number, of which not every character is plain ASCII. */
function readCodedWord(reading: TextReading, channel: Channel, kind: number): boolean {
  const { window } = reading;
  const { at, base } = window;
  const to = codedWordEnd(window, kind);
  if (to < 0) return false;
  if (reading.place === 'text') reading.beforeWord(base + at);
  if (to - at > MAX_WORD_BYTES) reading.place = 'long word';
  if (reading.place === 'long word') breakOff(channel);
  else takeCodedWord(reading, channel, kind, to);
  window.at = to;
  return true;
}

/** Index behind the last character of the same class, or behind more than a word may have; −1 while it is not here. */
function codedWordEnd(window: Window, kind: number): number {
  const { at, bytes } = window;
  let to = at;
  while (bytes[to] !== QUOTE && to - at <= MAX_WORD_BYTES) {
    const character = characterAt(window, to);
    if (character === NOT_HERE_YET) return -1;
    if (classOf(pointOf(character)) !== kind) break;
    to += lengthOf(character);
  }
  return to;
}

function takeCodedWord(reading: TextReading, channel: Channel, kind: number, to: number): void {
  const { at, base } = reading.window;
  const follows = followsAt(reading.window, to);
  if (kind === DIGIT) {
    const digits = Array.from(textAt(reading.window, to), (digit) => asciiDigit(digit.codePointAt(0) ?? 0));
    takeDigits(channel, base + at, base + to, digits.join(''), follows);
    return;
  }
  const meaning = meaningOf(reading, pointOf(characterAt(reading.window, at)), () =>
    textAt(reading.window, to),
  );
  if (meaning) takeWord(channel, base + at, base + to, meaning.text.length, meaning, follows);
  else takePlainWord(channel, base + at, base + to, follows);
}

const textAt = (window: Window, to: number): string => decodedString(window, window.at, to);

function followsAt(window: Window, to: number): Token['follows'] {
  if (window.bytes[to] === QUOTE) return 'other';
  const next = classOf(pointOf(characterAt(window, to)));
  return next === LETTER || next === DIGIT ? 'word' : 'other';
}

/** Most words begin with a letter with which none of the vocabulary does. */
function meaningOf(
  { vocabulary }: TextReading,
  first: number,
  text: (point: number) => string,
): Meaning | undefined {
  return vocabulary.firstLetters.has(firstLetterOf(first))
    ? vocabulary.meanings.get(fold(text(first)))
    : undefined;
}

const firstLetters = new Map<number, number>();
/** More letters than any one language has are not kept. */
const MAX_FIRST_LETTERS = 2 ** 14;

function firstLetterOf(point: number): number {
  const known = firstLetters.get(point);
  if (known !== undefined) return known;
  const letter = firstLetter(String.fromCodePoint(point));
  if (firstLetters.size < MAX_FIRST_LETTERS) firstLetters.set(point, letter);
  return letter;
}
