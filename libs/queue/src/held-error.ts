/** Says that work has not begun, because what it needs is known to be unavailable: the message waits, and it was no attempt. */
export class HeldError extends Error {
  override readonly name = 'HeldError';
  readonly downstream: string;
  /** When the downstream was given up; before that, the message was not held. */
  readonly since: Date;
  /** Until somebody tries the downstream again. */
  readonly atMostSeconds: number;

  constructor(
    downstream: string,
    { since, atMostSeconds }: { readonly since: Date; readonly atMostSeconds: number },
  ) {
    super(`held: the circuit of ${downstream} is open`);
    this.downstream = downstream;
    this.since = since;
    this.atMostSeconds = atMostSeconds;
  }
}
