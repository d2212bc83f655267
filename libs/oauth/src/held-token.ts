import type { StoredToken } from './token-store.ts';

/** The token in memory; times are on the clock of the source. */
export interface HeldToken {
  readonly accessToken: string;
  /** What every caller gets: the cached path makes nothing. */
  readonly promise: Promise<string>;
  readonly refreshAt: number;
  readonly expiresAt: number;
}

/** How long before its end a token is replaced at the earliest; of a short-lived one, a fifth of its life. */
const REFRESH_MARGIN_MILLIS = 300_000;
const REFRESH_MARGIN_SHARE = 0.2;

/** @param random from 0 up to 1: spreads containers that share a token over half of the margin */
export function heldToken(token: StoredToken, nowMillis: number, random: () => number): HeldToken {
  const { accessToken, lifetimeMillis, remainingMillis } = token;
  const marginMillis = Math.min(REFRESH_MARGIN_MILLIS, lifetimeMillis * REFRESH_MARGIN_SHARE);
  const expiresAt = nowMillis + Math.max(0, remainingMillis);
  return {
    accessToken,
    promise: Promise.resolve(accessToken),
    refreshAt: expiresAt - marginMillis * (0.5 + 0.5 * random()),
    expiresAt,
  };
}
