/** Says that a later try may succeed, and when, if that is known. An error of any other class counts as transient too. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
  /** From now; takes the place of the computed back-off. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    message: string,
    { retryAfterSeconds, cause }: { retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
