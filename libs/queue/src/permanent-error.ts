/** Says that no retry can help: the message goes to the dead-letter queue, with the reason, and its group goes on. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
  /** One word of the contracts' list, such as `bad-seal` or `conflict`. */
  readonly reason: string;
  /** What a person needs to understand it, without payload; cut at 512 characters when it is sent. */
  readonly detail: string | undefined;
  /** How often the ledger let the event be tried; 0 when it never came that far. */
  readonly attempts: number;

  constructor(
    reason: string,
    detail?: string,
    { cause, attempts = 0 }: { cause?: unknown; attempts?: number } = {},
  ) {
    super(detail === undefined ? reason : `${reason}: ${detail}`, { cause });
    this.reason = reason;
    this.detail = detail;
    this.attempts = attempts;
  }
}
