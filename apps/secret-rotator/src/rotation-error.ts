/** A step that cannot be done as things are; the message says what is wrong and what to do, and never shows a value. */
export class RotationError extends Error {
  override readonly name = 'RotationError';
}
