import type { ClientCredentials } from './client-credentials.ts';

/** A token as the endpoint gives it. */
export interface IssuedToken {
  readonly accessToken: string;
  /** From the request on; never negative. */
  readonly lifetimeMillis: number;
}

/**
 * Asks the endpoint for a new token.
 *
 * @throws TokenRefusedError
 * @throws TokenUnavailableError
 */
export type RequestToken = (credentials: ClientCredentials) => Promise<IssuedToken>;

/** What may stand in an `Authorization` header; anything else would break the request that bears it. */
export function isAccessToken(value: unknown): value is string {
  return typeof value === 'string' && /^[!-~]{1,16384}$/.test(value);
}
