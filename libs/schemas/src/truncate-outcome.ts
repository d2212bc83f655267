import type { AnalyticsOutcome } from './analytics-outcome.ts';

/** Cut in this order: what compliance needs goes last. */
const LISTS = ['keywords', 'topics', 'categories', 'intents', 'complianceViolations'] as const;

const bytesOf = (outcome: AnalyticsOutcome): number => Buffer.byteLength(JSON.stringify(outcome));

/** Shortens the outcome's lists until its JSON fits into `maxBytes`. The result says `truncated: true`. */
export function truncateOutcome(outcome: AnalyticsOutcome, maxBytes: number): AnalyticsOutcome {
  let cut: AnalyticsOutcome = { ...outcome, truncated: true };
  for (const list of LISTS) {
    while (bytesOf(cut) > maxBytes && (cut[list]?.length ?? 0) > 0) {
      cut = { ...cut, [list]: cut[list]?.slice(0, Math.floor(cut[list].length / 2)) };
    }
  }
  return cut;
}
