import { EgressUnavailableError } from '@aftercall/egress';
import {
  GenesysAnswerError,
  GenesysRefusedError,
  GenesysUnavailableError,
  isOfTheRequest,
} from '@aftercall/genesys';
import { TokenRefusedError, TokenUnavailableError } from '@aftercall/oauth';
import { isUnavailable, PermanentError, TransientError } from '@aftercall/queue';

/** Genesys Cloud has no transcript yet; no attempt, but a reason to ask later. */
export class NotReadyError extends Error {
  override readonly name = 'NotReadyError';
}

/** The download is not what was promised: another URL may do better, and the attempt counts. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError';
}

/** The transcript did not get through in the time of one invocation; the attempt counts, or it would go on for ever. */
export class OutOfTimeError extends Error {
  override readonly name = 'OutOfTimeError';

  constructor() {
    super('the transcript takes longer than an invocation may');
  }
}

/** A transcript that waits for its time; it comes back to the queue, and nobody needs to hear of it. */
export class WaitingError extends TransientError {}

/** Whether somebody has to act before any transcript can be fetched: a permission, a secret, an address. */
export const isForSomebody = (error: unknown): boolean =>
  error instanceof TokenRefusedError || (error instanceof GenesysRefusedError && !isOfTheRequest(error));

/** Whether an error says nothing about the transcript, so that the try does not count. */
export function isOutage(error: unknown): boolean {
  if (error instanceof PermanentError) return false;
  return error instanceof NotReadyError || error instanceof EgressUnavailableError || isUnavailable(error);
}

/** Calls the Platform API, and says in the queue's terms what is to be done when that fails. */
export async function askGenesys<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof GenesysAnswerError)
      throw new PermanentError('effect-refused', error.message, { cause: error });
    if (error instanceof GenesysRefusedError && isOfTheRequest(error))
      throw new PermanentError('effect-refused', error.message, { cause: error });
    const isLater = error instanceof GenesysUnavailableError || error instanceof TokenUnavailableError;
    if (!isLater || error.retryAfterSeconds === undefined) throw error;
    const { message, retryAfterSeconds } = error;
    throw new TransientError(message, { retryAfterSeconds, cause: error });
  }
}
