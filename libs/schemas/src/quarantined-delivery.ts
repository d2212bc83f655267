import type { ProblemError } from './problem.ts';

/**
 * What is kept of a signed delivery that could not be understood, whole or in part. Always the exact bytes: a value
 * that was parsed is not what was sent any more (1e400, duplicate keys), and which items are bad may look different on
 * the sender's next try.
 */
export interface QuarantinedDelivery {
  readonly source: string;
  readonly org: string;
  readonly deliveryid: string;
  readonly receivedtime: string;
  /** The delivery id under the sender's signature, where the scheme has one. */
  readonly signedid: string | undefined;
  /** Where the faults are, and what they are; items that have none went on. */
  readonly errors: readonly ProblemError[];
  /** Base64 of the exact bytes. */
  readonly body: string;
}

/** The text that is kept. */
export function quarantinedDelivery(
  origin: Omit<QuarantinedDelivery, 'body' | 'errors'>,
  body: Uint8Array,
  errors: readonly ProblemError[],
): string {
  const kept: QuarantinedDelivery = { ...origin, errors, body: Buffer.from(body).toString('base64') };
  return JSON.stringify(kept);
}
