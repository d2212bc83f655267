import type { DigitGroup } from './digit-group.ts';

/** Groups that single signs hold together: a date, a sum, or a number with hyphens. */
export interface Cluster {
  readonly groups: readonly DigitGroup[];
  /** A `date` and a `figure` (a sum, an IPv4 address) are certainly no telephone number. */
  readonly kind: 'number' | 'date' | 'figure';
}

export function clustersOf(groups: readonly DigitGroup[]): readonly Cluster[] {
  const clusters: DigitGroup[][] = [];
  for (const group of groups) {
    const last = clusters.at(-1);
    if (last && /^[-./,_]$/.test(group.joint)) last.push(group);
    else clusters.push([group]);
  }
  return clusters.map((cluster) => ({ groups: cluster, kind: kindOf(cluster) }));
}

const YEAR = '(?:19|20)\\d\\d';
const DAY = '(?:0?[1-9]|[12]\\d|3[01])';

const DATES: readonly RegExp[] = [
  new RegExp(`^${YEAR}([-./])${DAY}\\1${DAY}$`),
  new RegExp(`^${DAY}([-./])${DAY}\\1(?:${YEAR}|\\d\\d)$`),
  new RegExp(`^${YEAR}(?:[-/]${YEAR})+$`),
];

const FIGURES: readonly RegExp[] = [
  // 1,234,567.89 and 1234.50
  /^[1-9]\d{0,2}(?:[.,]\d{3})+(?:[.,]\d{1,2})?$/,
  /^\d+[.,]\d{1,2}$/,
  // An IPv4 address
  /^(?:(?:1?\d?\d|2[0-4]\d|25[0-5])(?:\.|$)){4}$/,
];

function kindOf([first, ...rest]: readonly DigitGroup[]): Cluster['kind'] {
  if (!first || rest.length === 0) return 'number';
  const text = first.digits + rest.map(({ joint, digits }) => joint + digits).join('');
  const isOneOf = (patterns: readonly RegExp[]) => patterns.some((pattern) => pattern.test(text));
  if (isOneOf(DATES)) return 'date';
  return isOneOf(FIGURES) ? 'figure' : 'number';
}
