/**
 * What stands between two words or numbers of a text, as a short string: its signs, and one space for any white space.
 * Two further characters of our own stand for what no text holds.
 */

/** Between two phrases of a participant. */
const PHRASE_END = '\n';
/** Between two characters of a script without spaces. */
export const NO_SPACE = '\u200b';
/** So much that nothing goes on behind it. */
export const APART = '\0';

const MAX_LENGTH = 12;

export function addSpace(between: string): string {
  if (between === '') return ' ';
  return endsInSpace(between) || between === APART ? between : `${between} `;
}

export function addSign(between: string, sign: string): string {
  return between.length >= MAX_LENGTH || between === APART ? APART : between + sign;
}

export function addPhraseEnd(between: string): string {
  if (between === APART) return between;
  return (endsInSpace(between) ? between.slice(0, -1) : between) + PHRASE_END;
}

const endsInSpace = (between: string): boolean => between.endsWith(' ') || between.endsWith(PHRASE_END);

export const isSpace = (between: string): boolean =>
  between === ' ' || between === PHRASE_END || between === NO_SPACE;

/** What a term's space may stand for: punctuation does not part "Jane" from "Smith", a sign does part "AT" from "T". */
export function asInTerm(between: string): string {
  if (between === ' ' || between === '') return between;
  return /^[.,;:!?"'()]*[ \n][.,;:!?"'()]*$/.test(between) ? ' ' : between;
}
