export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;

/*
 * What a character is to the search: numbers, since they are looked up for every byte.
 */

/** The end of a string, or nothing that may stand in one. */
export const OTHER = 0;
export const LETTER = 1;
export const DIGIT = 2;
export const SPACE = 3;
export const SIGN = 4;
/** Of a script that does not put spaces between words: each is looked at as a word. */
export const IDEOGRAPH = 5;
/** A byte that is no character by itself: an escape, or one of several bytes. */
export const CODED = 6;

const SCRIPTS_WITHOUT_SPACES = ['Han', 'Hiragana', 'Katakana', 'Hangul', 'Thai', 'Lao', 'Khmer', 'Myanmar'];
const IDEOGRAPHS = new RegExp(
  `[${SCRIPTS_WITHOUT_SPACES.map((script) => `\\p{Script=${script}}`).join('')}]`,
  'u',
);

/** Classes of the bytes of a JSON string. */
export const BYTE_CLASS: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte < 0x20 || byte === QUOTE) return OTHER;
  return byte === BACKSLASH || byte >= 0x80 ? CODED : lookUpClass(byte);
});

const BASIC_PLANE = 0x10000;
/** Filled as characters are met; 0 until then. */
const classes = new Uint8Array(BASIC_PLANE);

/** Class of a decoded character, never `OTHER` nor `CODED`. */
export function classOf(point: number): number {
  const known = classes[point] ?? 0;
  if (known !== 0) return known;
  const found = lookUpClass(point);
  if (point < BASIC_PLANE) classes[point] = found;
  return found;
}

function lookUpClass(point: number): number {
  const character = String.fromCodePoint(point);
  // What cannot be seen (soft hyphen, zero-width space) must not hide a number, so it parts words like a space.
  if (/[\s\p{Z}\p{C}]/u.test(character)) return SPACE;
  if (/\p{Nd}/u.test(character)) return DIGIT;
  if (IDEOGRAPHS.test(character)) return IDEOGRAPH;
  return /[\p{L}\p{M}\p{N}]/u.test(character) ? LETTER : SIGN;
}

/** The value of a decimal digit in any script, as an ASCII digit. */
export function asciiDigit(point: number): string {
  const plain = String.fromCodePoint(point).normalize('NFKC');
  if (plain >= '0' && plain <= '9') return plain;
  // Unicode puts every script's zero at a code point that ends in 0 or in 6.
  const row = point & ~0xf;
  return String(point - (classOf(row) === DIGIT ? row : row + 6));
}

/** One form for all spellings of a word. */
export const fold = (word: string): string => word.normalize('NFKC').toUpperCase().toLowerCase();

/** The letter with which a word of this form begins, without its accents. */
export const firstLetter = (word: string): number => fold(word).normalize('NFD').codePointAt(0) ?? 0;

/** One form for all dashes, apostrophes and full-width signs. */
export const plainSign = (sign: string): string =>
  sign
    .normalize('NFKC')
    .replace(/[\p{Pd}−]/u, '-')
    .replace(/[‘’ʼ]/u, "'");
