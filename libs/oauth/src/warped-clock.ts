import type { Clock } from './clock.ts';

/** A clock for tests: a minute passes as soon as everybody waits for it. */
export interface WarpedClock extends Clock {
  /** Lets time pass without anybody having waited for it; who waited for less is woken. */
  pass(millis: number): void;
}

interface Sleeper {
  readonly wakeAtMillis: number;
  readonly wake: () => void;
}

/**
 * A clock that stands still while anything is being done and jumps to the next sleeper's time when nothing is.
 * It cannot know of work that waits for a network.
 */
export function warpedClock(): WarpedClock {
  let nowMillis = 0;
  let sleepers: readonly Sleeper[] = [];
  let jump: NodeJS.Immediate | undefined;

  const moveTo = (millis: number): void => {
    nowMillis = Math.max(nowMillis, millis);
    const due = sleepers.filter(({ wakeAtMillis }) => wakeAtMillis <= nowMillis);
    sleepers = sleepers.filter((sleeper) => !due.includes(sleeper));
    for (const { wake } of due) wake();
  };
  const jumpSoon = (): void => {
    clearImmediate(jump);
    if (sleepers.length === 0) return;
    jump = setImmediate(() => {
      moveTo(Math.min(...sleepers.map(({ wakeAtMillis }) => wakeAtMillis)));
      jumpSoon();
    });
  };
  return {
    elapsedMillis: () => nowMillis,
    pass: (millis) => moveTo(nowMillis + millis),
    sleep: (millis, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(abortReason(signal));
        const sleeper = { wakeAtMillis: nowMillis + millis, wake: resolve };
        signal?.addEventListener(
          'abort',
          () => {
            sleepers = sleepers.filter((other) => other !== sleeper);
            reject(abortReason(signal));
          },
          { once: true },
        );
        sleepers = [...sleepers, sleeper];
        jumpSoon();
      }),
  };
}

function abortReason(signal: AbortSignal): Error {
  return new Error('the sleep was aborted', { cause: signal.reason });
}
