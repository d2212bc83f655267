/** When a sender tries again. It does so only after a time-out, a broken connection, 429 or 5xx. */
export interface RetryPolicy {
  /** How long it waits for one answer. */
  readonly timeoutMillis: number;
  /** The wait before each retry: as many retries as there are waits. */
  readonly delaysMillis: readonly number[];
}

const MINUTE_MILLIS = 60_000;
const HOUR_MILLIS = 60 * MINUTE_MILLIS;

/** An answer within 3 s, and up to five retries within 24 hours; how they are spread is this simulator's choice. */
export const WEBHOOK_RETRY_POLICY: RetryPolicy = {
  timeoutMillis: 3_000,
  delaysMillis: [MINUTE_MILLIS, 10 * MINUTE_MILLIS, HOUR_MILLIS, 6 * HOUR_MILLIS, 16 * HOUR_MILLIS],
};

/**
 * Open Messaging: 10 s, and up to five retries 5 s apart.
 *
 * @see https://developer.genesys.cloud/commdigital/digital/openmessaging/validate
 */
export const OPEN_MESSAGING_RETRY_POLICY: RetryPolicy = {
  timeoutMillis: 10_000,
  delaysMillis: Array<number>(5).fill(5_000),
};

/** The webhook policy in fast motion, for runs on a laptop. */
export const FAST_RETRY_POLICY: RetryPolicy = {
  timeoutMillis: 3_000,
  delaysMillis: [250, 500, 1_000, 2_000, 4_000],
};

/** Whether an attempt that ended so is tried again. */
export function isRetried(outcome: number | 'timeout' | 'unreachable'): boolean {
  return typeof outcome === 'string' || outcome === 429 || outcome >= 500;
}
