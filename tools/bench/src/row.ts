import { median, spread } from './statistics.ts';

/** Samples further apart than this share of their median prove nothing. */
export const MAX_SPREAD = 0.3;

export type Target = { readonly atMost: number } | { readonly atLeast: number };

/** One line of the table. */
export interface Row {
  readonly benchmark: string;
  readonly measure: string;
  readonly value: number;
  readonly unit: string;
  /** As a share of the median; absent where nothing varies from run to run. */
  readonly spread?: number;
  /** How far off the value may be, either way, where it is no median. */
  readonly margin?: number;
  readonly target?: Target;
}

export type Verdict = 'met' | 'over' | 'too noisy to tell' | 'no target' | 'not measured';

/** What the row says of its target; samples that lie too far apart say nothing, either way, nor does a margin around it. */
export function verdictOf({ value, target, spread: apart = 0, margin = 0 }: Row): Verdict {
  if (Number.isNaN(value)) return 'not measured';
  if (!target) return 'no target';
  // Written so that a spread that is no number is no success.
  if (!(apart <= MAX_SPREAD)) return 'too noisy to tell';
  const tooMuch = 'atMost' in target ? value - target.atMost : target.atLeast - value;
  if (tooMuch + margin <= 0) return 'met';
  return tooMuch - margin > 0 ? 'over' : 'too noisy to tell';
}

/** The row of a quantity that was sampled. */
export function sampledRow(
  name: Pick<Row, 'benchmark' | 'measure' | 'unit'>,
  samples: readonly number[],
): Row {
  return { ...name, value: median(samples), spread: spread(samples) };
}

/** The ratio of samples that were taken in turn: each to its neighbour, which saw the same machine. */
export function ratioRow(
  name: Pick<Row, 'benchmark' | 'measure'>,
  ours: readonly number[],
  floor: readonly number[],
): Row {
  const ratios = ours.map((value, index) => value / (floor[index] ?? NaN));
  return { ...name, unit: '×', value: median(ratios), spread: spread(ratios) };
}
