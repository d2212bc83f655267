import { setTimeout as pause } from 'node:timers/promises';

const POLL_MILLIS = 100;
/** Far above what anything takes, so that a busy machine fails no test. */
const PATIENCE_SECONDS = 25;

/** Repeats the check until it passes; after the patience is spent, it fails as the check last did. */
export async function eventually<T>(
  check: () => T | Promise<T>,
  patienceSeconds: number = PATIENCE_SECONDS,
): Promise<T> {
  const givenUpAt = Date.now() + patienceSeconds * 1_000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > givenUpAt) throw error;
      await pause(POLL_MILLIS);
    }
  }
}
