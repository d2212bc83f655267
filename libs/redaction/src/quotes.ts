import { type DigitGroup, digitsOf } from './digit-group.ts';

/**
 * Analytics quote single phrases: a quote may hold one half of a card number of which nothing else says that it is one.
 * So the parts of card numbers that ran over several phrases are remembered, and looked for in quotes.
 */
export interface Quotes {
  readonly remember: (card: readonly DigitGroup[]) => void;
  /** The remembered parts among these groups. */
  readonly among: (groups: readonly DigitGroup[]) => readonly (readonly DigitGroup[])[];
}

/** Shorter parts are years and prices as often as not. */
export const MIN_PART_DIGITS = 4;
const MAX_PARTS = 256;

export interface QuotedParts {
  readonly ofSpeech: Quotes;
  readonly ofQuotes: Quotes;
}

export function createQuotes(): QuotedParts {
  const parts = new Set<string>();
  const remember = (card: readonly DigitGroup[]) => {
    const byString = partsOf(card);
    if (byString.length < 2) return;
    for (const part of byString) parts.add(digitsOf(part));
    for (const oldest of parts) {
      if (parts.size <= MAX_PARTS) break;
      parts.delete(oldest);
    }
  };
  const among = (groups: readonly DigitGroup[]) =>
    partsOf(groups).filter((part) => parts.has(digitsOf(part)));
  const nothing = () => [];
  return { ofSpeech: { remember, among: nothing }, ofQuotes: { remember, among } };
}

/** The groups string by string, without what is too short to tell. */
function partsOf(groups: readonly DigitGroup[]): readonly (readonly DigitGroup[])[] {
  const byString = Map.groupBy(groups, ({ pieces }) => pieces[0]?.string);
  return [...byString.values()].filter((part) => digitsOf(part).length >= MIN_PART_DIGITS);
}
