export type RedactionFault =
  /** It is not JSON, or not UTF-8. */
  | 'invalid-json'
  /** It ends before the document does. */
  | 'truncated'
  /** Nested deeper than any transcript is. */
  | 'too-deep'
  /** A key, an id or a number longer than any transcript's. */
  | 'token-too-long'
  /** More bytes than the caller allows. */
  | 'too-large';

/** A transcript that cannot be read to its end: what has come out so far must not be kept. */
export class RedactionError extends Error {
  override readonly name = 'RedactionError';
  readonly code: RedactionFault;
  /** Byte of the document at which it was noticed. */
  readonly offset: number;

  constructor(code: RedactionFault, offset: number) {
    super(`the transcript is ${code} at byte ${offset}`);
    this.code = code;
    this.offset = offset;
  }
}
