/** One read that several callers wait for, each as long as its own signal lets it. */
export interface SharedRead<T> {
  /** Waits for the result; rejects when the signal is aborted first, which leaves the others waiting. */
  join(signal?: AbortSignal): Promise<T>;
  /** True once every caller has gone: the read is being aborted and is nothing to wait for. */
  isAbandoned(): boolean;
}

/** Starts a read; its signal is aborted when the last caller has left, not when the first one does. */
export function sharedRead<T>(read: (signal: AbortSignal) => Promise<T>): SharedRead<T> {
  const controller = new AbortController();
  const result = read(controller.signal);
  let waiting = 0;

  async function join(signal?: AbortSignal): Promise<T> {
    waiting += 1;
    try {
      return await unlessAborted(result, signal);
    } finally {
      waiting -= 1;
      if (waiting === 0) controller.abort();
    }
  }
  return { join, isAbandoned: () => controller.signal.aborted };
}

function unlessAborted<T>(result: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return result;
  return new Promise((resolve, reject) => {
    const abort = () => reject(new Error('the caller stopped waiting', { cause: signal.reason }));
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    const done = () => signal.removeEventListener('abort', abort);
    result.finally(done).then(resolve, reject);
  });
}
