/** What an answer says about the budget of the token that made the request. */
export interface RateLimits {
  /** Requests left in this window; infinite when the answer does not say. */
  readonly remaining: number;
  /** Until the window ends; undefined when the answer does not say. */
  readonly resetMillis: number | undefined;
}

/**
 * Reads Genesys Cloud's `inin-ratelimit-*` (`reset` is in seconds from now), and the `X-RateLimit-Remaining` of a
 * gateway in between; where both are there, the smaller one binds.
 *
 * @see https://github.com/MyPureCloud/platform-client-sdk-javascript README, "extended responses"
 */
export function rateLimits(headers: Headers): RateLimits {
  const count = wholeNumber(headers.get('inin-ratelimit-count'));
  const allowed = wholeNumber(headers.get('inin-ratelimit-allowed'));
  const ofGenesys = count === undefined || allowed === undefined ? Infinity : Math.max(0, allowed - count);
  const ofGateway = wholeNumber(headers.get('x-ratelimit-remaining')) ?? Infinity;
  const resetSeconds = wholeNumber(headers.get('inin-ratelimit-reset'));
  return {
    remaining: Math.min(ofGenesys, ofGateway),
    resetMillis: resetSeconds === undefined ? undefined : resetSeconds * 1000,
  };
}

function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}
