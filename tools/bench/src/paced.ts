import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Numbers from 0, so many a second and each at its own time: whoever falls behind gets those that are due at once, so
 * that a receiver that is slow does not make its own load lighter.
 */
export async function* paced(count: number, perSecond: number): AsyncGenerator<number> {
  const startedAt = performance.now();
  for (let index = 0; index < count; index += 1) {
    const waitMillis = startedAt + (index * 1000) / perSecond - performance.now();
    if (waitMillis > 0) await sleep(waitMillis);
    yield index;
  }
}
