import type { QueueEntry, SendBatch } from './queue-entry.ts';
import { sendAll } from './send-all.ts';

/** Retries within a call's budget; whoever called tries the whole delivery again later. */
const ATTEMPTS = 2;
/** Keep-alive connections that one function may hold to SQS at a time. */
const CONCURRENCY = 8;

/** Not every entry is on the queue: the whole work must be tried again, and what did get through is recognised. */
export class UnsentError extends Error {
  override readonly name = 'UnsentError';
  /** SQS's code, or the name of the error that was thrown, for the first entry that failed. */
  readonly code: string;

  constructor(unsent: number, codes: readonly string[]) {
    super(`${unsent} entries are not on the queue: ${codes.join(', ')}`);
    this.code = codes[0] ?? 'unknown';
  }
}

/**
 * Makes the function that puts entries on the queue and resolves once the queue holds them all.
 * It throws UnsentError when it does not.
 */
export function createEnqueue(sendBatch: SendBatch) {
  return async (entries: readonly QueueEntry[], signal?: AbortSignal): Promise<void> => {
    const options = { sendBatch, signal, attempts: ATTEMPTS, concurrency: CONCURRENCY };
    const { unsent, codes } = await sendAll(entries, options);
    if (unsent.length > 0) throw new UnsentError(unsent.length, codes);
  };
}
