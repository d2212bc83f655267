import type { Metrics } from '@aftercall/telemetry';

/** The least that was left of the rate limit during an invocation. */
export interface RateLimitGauge {
  note(remaining: number): void;
  /** Counts it, if anybody said, and begins anew. */
  report(): void;
}

/** A sum of many answers would say nothing, so only the least of each invocation is counted. */
export function createRateLimitGauge(metrics: Pick<Metrics, 'count'>): RateLimitGauge {
  let least = Infinity;
  return {
    note: (remaining) => {
      least = Math.min(least, remaining);
    },
    report: () => {
      if (least < Infinity) metrics.count('RateLimitRemaining', least);
      least = Infinity;
    },
  };
}
