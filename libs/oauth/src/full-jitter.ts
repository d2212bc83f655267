/** Bounds of a back-off, both in the unit that the caller wants back. */
export interface JitterBounds {
  readonly base: number;
  readonly max: number;
}

/**
 * How long to wait before the nth retry: anything between nothing and a bound that doubles with every retry.
 *
 * @param random a number from 0 (inclusive) to 1 (exclusive)
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ "full jitter"
 */
export function fullJitter(retry: number, { base, max }: JitterBounds, random: () => number): number {
  return random() * Math.min(max, base * 2 ** (retry - 1));
}
