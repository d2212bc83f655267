import type { Piece } from './pieces.ts';
import type { Meaning } from './vocabulary.ts';

/** A word or a number of a text. */
export interface Token {
  readonly piece: Piece;
  /** What stands before it, see `between.ts`. */
  readonly between: string;
  /** A number's digits, in ASCII; '' for a word. */
  readonly digits: string;
  /** What a word means; undefined for a number and for most words. */
  readonly meaning: Meaning | undefined;
  /** Characters of the word or number. */
  readonly length: number;
  /** Offset of a plus or an opening bracket directly before it; −1 without. */
  readonly leadAt: number;
  /** Whether a letter or a digit follows without anything between. */
  readonly follows: 'word' | 'other';
}
