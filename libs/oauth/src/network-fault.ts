/**
 * What went wrong with a request that got no whole answer: a code such as `ECONNREFUSED`, or a name such as
 * `TimeoutError`. The error itself may hold what was sent or received and is not handed on.
 */
export function networkFault(error: unknown): string {
  if (!Error.isError(error)) return typeof error;
  if ('code' in error && typeof error.code === 'string') return error.code;
  // `fetch` puts what happened into the cause of a TypeError.
  return error.cause === undefined ? error.name : networkFault(error.cause);
}
