import { type Cluster, clustersOf } from './clusters.ts';
import { countDigits, type DigitGroup } from './digit-group.ts';

/** ISO/IEC 7812: the shortest and the longest card number in use. */
const MIN_CARD_DIGITS = 13;
export const MAX_CARD_DIGITS = 19;

/**
 * Marks every group that is part of a card number: of a row of whole groups with 13 to 19 digits in all that pass the
 * Luhn check. Rows are tried from every group, since people go on with the expiry date; that a longer row passes by
 * chance costs digits that nobody needs.
 */
export function cardGroups(groups: readonly DigitGroup[]): readonly ('card' | 'other')[] {
  const marks = groups.map((): 'card' | 'other' => 'other');
  let left = countDigits(groups);
  if (left < MIN_CARD_DIGITS) return marks;
  const places = clustersOf(groups).flatMap(placesIn);
  for (let from = 0; left >= MIN_CARD_DIGITS; from += 1) {
    marks.fill('card', from, from + longestCard(groups, places, from));
    left -= groups[from]?.digits.length ?? left;
  }
  return marks;
}

/** Where a group stands in its cluster. */
interface Place {
  readonly cluster: Cluster;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

const placesIn = (cluster: Cluster): readonly Place[] =>
  cluster.groups.map((_, index) => ({
    cluster,
    isFirst: index === 0,
    isLast: index === cluster.groups.length - 1,
  }));

/** Of how many groups the longest card number from here consists; 0 when there is none. */
function longestCard(groups: readonly DigitGroup[], places: readonly Place[], from: number): number {
  let digits = '';
  let longest = 0;
  for (let to = from; to < groups.length && digits.length < MAX_CARD_DIGITS; to += 1) {
    digits += groups[to]?.digits ?? '';
    if (isCardNumber(digits) && mayBeCard(places, from, to)) longest = to + 1 - from;
  }
  return longest;
}

/** A date is in it whole or not at all, and dates alone make no card number. Sums may: a recogniser writes some as such. */
function mayBeCard(places: readonly Place[], from: number, to: number): boolean {
  const [first, last] = [places[from], places[to]];
  if (!first || !last) return false;
  if (first.cluster.kind === 'date' && !first.isFirst) return false;
  if (last.cluster.kind === 'date' && !last.isLast) return false;
  return places.slice(from, to + 1).some(({ cluster }) => cluster.kind !== 'date');
}

const isCardNumber = (digits: string): boolean =>
  digits.length >= MIN_CARD_DIGITS && digits.length <= MAX_CARD_DIGITS && passesLuhn(digits);

/** @see ISO/IEC 7812-1, annex B */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - place) - 0x30;
    const doubled = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += place % 2 === 0 ? digit : doubled;
  }
  return sum % 10 === 0;
}
