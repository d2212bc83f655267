/** The middle of the samples. @throws RangeError without any */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((left, right) => left - right);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError('a median needs at least one sample');
  return (lower + upper) / 2;
}

/** Of many samples, so many at each end may be the work of something else on the machine. */
const OUTLIERS = 0.1;

/** How far the samples lie apart, a tenth of them at each end left out: (largest − smallest) / median. */
export function spread(samples: readonly number[]): number {
  const sorted = samples.toSorted((left, right) => left - right);
  const left = Math.floor(sorted.length * OUTLIERS);
  const inner = sorted.slice(left, sorted.length - left);
  return (Math.max(...inner) - Math.min(...inner)) / median(samples);
}

/** The sample that so many percent do not exceed (nearest rank). @throws RangeError without any */
export function percentile(samples: readonly number[], percent: number): number {
  const sorted = samples.toSorted((left, right) => left - right);
  const found = sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
  if (found === undefined) throw new RangeError('a percentile needs at least one sample');
  return found;
}

/** A straight line through samples, and how sure its slope is. */
export interface Slope {
  readonly perStep: number;
  /** The standard error of the slope. */
  readonly error: number;
}

/** The slope of the least-squares line through (x, y). @throws RangeError with fewer than three samples */
export function slopeOf(samples: readonly (readonly [x: number, y: number])[]): Slope {
  if (samples.length < 3) throw new RangeError('a slope with its error needs at least three samples');
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanX = mean(samples.map(([x]) => x));
  const meanY = mean(samples.map(([, y]) => y));
  const sumOf = (of: (x: number, y: number) => number) =>
    samples.reduce((sum, [x, y]) => sum + of(x - meanX, y - meanY), 0);
  const squares = sumOf((x) => x * x);
  const perStep = sumOf((x, y) => x * y) / squares;
  const residuals = sumOf((x, y) => (y - perStep * x) ** 2);
  return { perStep, error: Math.sqrt(residuals / (samples.length - 2) / squares) };
}
