/** `invalid-client`: the credentials are not accepted. `wrong-endpoint`: the address does not give tokens. */
export type TokenRefusal = 'invalid-client' | 'wrong-endpoint';

/** No retry can help before somebody has changed the client's secret or the configuration; the message says which. */
export class TokenRefusedError extends Error {
  override readonly name = 'TokenRefusedError';
  readonly code: TokenRefusal;

  constructor(code: TokenRefusal, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** There is no token now: try again, after `retryAfterSeconds` where the endpoint said so. */
export class TokenUnavailableError extends Error {
  override readonly name = 'TokenUnavailableError';
  readonly retryAfterSeconds: number | undefined;

  constructor(
    message: string,
    { retryAfterSeconds, cause }: { retryAfterSeconds?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
