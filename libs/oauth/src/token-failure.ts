import { fullJitter } from './full-jitter.ts';
import { TokenRefusedError, TokenUnavailableError } from './token-errors.ts';

/** The last thing the endpoint said, when that was no token; until then it is not asked again. */
export interface TokenFailure {
  readonly error: TokenRefusedError | TokenUnavailableError;
  readonly until: number;
  /** Failures in a row. */
  readonly count: number;
}

/** Refused credentials stay refused until somebody acts, and a client that tries them in a loop may be locked. */
const REFUSED_PAUSE_MILLIS = 30_000;
const BACKOFF_MILLIS = { base: 1_000, max: 30_000 };

/** How long the endpoint is left alone after an error: as long as it says, where it says so. */
export function pauseMillis(error: unknown, failuresInARow: number, random: () => number): number {
  if (error instanceof TokenRefusedError) return REFUSED_PAUSE_MILLIS;
  if (error instanceof TokenUnavailableError && error.retryAfterSeconds !== undefined)
    return error.retryAfterSeconds * 1000;
  return fullJitter(failuresInARow, BACKOFF_MILLIS, random);
}

/** What is to be remembered of an error; nothing of one that is not the endpoint's, for it says nothing about it. */
export function tokenFailure(
  error: unknown,
  before: TokenFailure | undefined,
  until: number,
): TokenFailure | undefined {
  const isEndpoints = error instanceof TokenRefusedError || error instanceof TokenUnavailableError;
  return isEndpoints ? { error, until, count: (before?.count ?? 0) + 1 } : before;
}

/** The error for whoever asks while a failure stands. */
export function standingError({ error, until }: TokenFailure, nowMillis: number): Error {
  if (error instanceof TokenRefusedError) return error;
  const retryAfterSeconds = Math.ceil((until - nowMillis) / 1000);
  return new TokenUnavailableError(error.message, { retryAfterSeconds, cause: error });
}
