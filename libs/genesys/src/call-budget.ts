/** How much a caller is ready to spend on a call. */
export interface CallBudget {
  /** Milliseconds; a wait that would not fit in is not begun. */
  remainingMillis(): number;
  /** Ends the call, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Runs something with a signal that is aborted after so many milliseconds, with a `TimeoutError`, or with the
 * caller's own.
 */
export async function withinMillis<T>(
  millis: number,
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new DOMException('too late', 'TimeoutError')), millis);
  try {
    return await run(signal === undefined ? late.signal : AbortSignal.any([late.signal, signal]));
  } finally {
    clearTimeout(timer);
  }
}
