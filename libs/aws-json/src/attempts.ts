import { setTimeout as sleep } from 'node:timers/promises';
import { isWorthAnotherTry } from './aws-json-error.ts';

/** How often something is tried, and what its pauses are drawn from. */
export interface Attempts {
  readonly maxAttempts: number;
  /** From 0 up to 1. */
  random(): number;
}

/** Before the second attempt, as the SDK has it. */
const BACKOFF_MILLIS = 100;

/** Tries until it succeeds, or another try is of no use. @throws what the last attempt threw */
export async function withAttempts<Output>(
  attempt: () => Promise<Output>,
  { maxAttempts, random }: Attempts,
  signal: AbortSignal | undefined,
): Promise<Output> {
  for (let attempts = 1; attempts < maxAttempts; attempts += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (signal?.aborted || !isWorthAnotherTry(error)) throw error;
      await sleep(random() * BACKOFF_MILLIS * 2 ** attempts, undefined, signal && { signal });
    }
  }
  return attempt();
}
