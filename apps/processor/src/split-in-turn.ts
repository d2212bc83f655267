import type { ProcessDeps } from './process-message.ts';
import { TURN_ENDS_MILLIS } from './split-stored-delivery.ts';

/** Those before it took the time: its name says that the try does not count. */
class NoTimeLeftError extends Error {
  override readonly name = 'TimeoutError';
}

/**
 * Splits one stored delivery after the other, in the order of the calls. One in pieces takes more than 100 MB: ten of
 * them, which may come in one batch, would take more than the function has.
 *
 * @throws TimeoutError for a delivery whose turn comes too late to get on with it
 */
export function splitInTurn(split: ProcessDeps['splitStoredDelivery']): ProcessDeps['splitStoredDelivery'] {
  let last: Promise<unknown> = Promise.resolve();
  let unfinished = 0;
  return (envelope, remainingMillis) => {
    const mustWait = unfinished > 0;
    unfinished += 1;
    const turn = last.then(() => {
      if (mustWait && remainingMillis() < TURN_ENDS_MILLIS)
        throw new NoTimeLeftError('other deliveries took the time');
      return split(envelope, remainingMillis);
    });
    last = turn.catch(() => undefined).then(() => (unfinished -= 1));
    return turn;
  };
}
