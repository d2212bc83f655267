import { setTimeout } from 'node:timers/promises';

/** Time as durations: nothing here asks what time it is, so that a clock that is wrong does no harm. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  elapsedMillis(): number;
  /** Rejects when the signal is aborted. */
  sleep(millis: number, signal?: AbortSignal): Promise<void>;
}

/** What the machine's clocks say, in milliseconds. */
export interface ClockReadings {
  monotonicMillis(): number;
  wallMillis(): number;
}

/** The wall clock is corrected all the time by less; what is more was a sleep of the whole machine, or a big correction. */
const FREEZE_MILLIS = 1_000;

/** The machine's own clock. */
export function systemClock(): Clock {
  return {
    elapsedMillis: elapsedMillis({ monotonicMillis: () => performance.now(), wallMillis: () => Date.now() }),
    sleep: (millis, signal) => setTimeout(millis, undefined, signal && { signal }),
  };
}

/**
 * A clock that follows the monotonic one, and also counts the time in which Lambda had frozen the process, which
 * the monotonic clock may leave out. A wall clock that is set back changes nothing; one that is set forward makes
 * things look older than they are.
 */
export function elapsedMillis({ monotonicMillis, wallMillis }: ClockReadings): () => number {
  let monotonic = monotonicMillis();
  let wall = wallMillis();
  let frozen = 0;
  return () => {
    const [monotonicNow, wallNow] = [monotonicMillis(), wallMillis()];
    const missing = wallNow - wall - (monotonicNow - monotonic);
    if (missing > FREEZE_MILLIS) frozen += missing;
    monotonic = monotonicNow;
    wall = wallNow;
    return monotonicNow + frozen;
  };
}
