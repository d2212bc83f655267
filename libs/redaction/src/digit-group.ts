import type { Piece } from './pieces.ts';

/** Digits that were written, or said, as one: "4111", "four", "double four", "twenty-six". */
export interface DigitGroup {
  readonly digits: string;
  readonly pieces: readonly Piece[];
  /** What stands between it and the group before, pauses as in `Meaning`. */
  readonly joint: string;
  /** A `tens` group still takes a unit: "twenty", "six". */
  readonly form: 'written' | 'spoken' | 'tens';
  /** Offset of a plus or an opening bracket directly before it; −1 without. */
  readonly leadAt: number;
}

export const digitsOf = (groups: readonly DigitGroup[]): string =>
  groups.map(({ digits }) => digits).join('');

export const countDigits = (groups: readonly DigitGroup[]): number =>
  groups.reduce((count, { digits }) => count + digits.length, 0);

/** Whether a plus stands before it, written or said. */
export const hasPlus = ({ joint }: DigitGroup): boolean => /\+[ \n]?$/.test(joint);
