import { type Cluster, clustersOf } from './clusters.ts';
import { countDigits, type DigitGroup, digitsOf, hasPlus } from './digit-group.ts';

type Groups = readonly DigitGroup[];

/** Fewer are house numbers, years, sums; E.164 allows no more. */
const MIN_PHONE_DIGITS = 7;
const MAX_PHONE_DIGITS = 15;

/**
 * The telephone numbers in a row of groups: with a plus, or 7 to 15 digits in more than one group, or 9 and more
 * behind a leading zero. A bare number in one piece is as likely an order or an account, and is none.
 */
export function phoneNumbers(groups: Groups): readonly Groups[] {
  if (countDigits(groups) < MIN_PHONE_DIGITS) return [];
  return rows(clustersOf(groups)).flatMap(splitLong).filter(isPhoneNumber);
}

/** Neighbouring clusters that may be one number; what is certainly something else stands between two of them. */
function rows(clusters: readonly Cluster[]): readonly (readonly Groups[])[] {
  const found: Groups[][] = [[]];
  for (const { groups, kind } of clusters) {
    if (kind !== 'number' || endsNumber(groups)) found.push([]);
    if (kind === 'number') found.at(-1)?.push(groups);
  }
  return found;
}

/** A list is no number; only what is said digit by digit gets commas from the punctuation of the recogniser. */
const endsNumber = ([first]: Groups): boolean =>
  /[;&]/.test(first?.joint ?? '') || (first?.form === 'written' && first.joint.includes(','));

/** More digits than any number has are several numbers, parted where the speaker paused or where one is complete. */
function splitLong(row: readonly Groups[]): readonly Groups[] {
  if (countDigits(row.flat()) <= MAX_PHONE_DIGITS) return [row.flat()];
  const parts: DigitGroup[][] = [[]];
  row.forEach((cluster, index) => {
    const previous = row[index - 1];
    const isParted = /[\n~,]/.test(cluster[0]?.joint ?? '');
    if (isParted || isComplete(cluster) || (previous && isComplete(previous))) parts.push([]);
    parts.at(-1)?.push(...cluster);
  });
  return parts;
}

const isComplete = (cluster: Groups): boolean =>
  isPhoneNumber(cluster) && (cluster.length > 1 || cluster.some(hasPlus));

/** Whether all of these groups are one telephone number. */
export function isPhoneNumber(groups: Groups): boolean {
  const digits = digitsOf(groups);
  if (digits.length < MIN_PHONE_DIGITS || digits.length > MAX_PHONE_DIGITS) return false;
  if (groups.some(hasPlus)) return true;
  if (isPartOfCode(groups)) return false;
  return groups.length > 1 || /^0\d{8,}$/.test(digits);
}

/** "INV-2026-0012345" */
const isPartOfCode = ([first]: Groups): boolean => /^[-_#/]?$/.test(first?.joint ?? '');
