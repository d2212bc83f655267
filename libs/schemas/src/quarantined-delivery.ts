import type { ProblemError } from './problem.ts';
import type { RefusedItem } from './split-delivery.ts';

/** What is kept of a signed delivery that could not be understood, whole or in part. */
export interface QuarantinedDelivery {
  readonly source: string;
  readonly org: string;
  readonly deliveryid: string;
  readonly receivedtime: string;
  readonly signedid: string | undefined;
  /** Base64 of the exact bytes; absent when only some items were bad. */
  readonly body?: string;
  /** The bad items alone; the good ones went on. */
  readonly items?: readonly RefusedItem[];
  readonly errors?: readonly ProblemError[];
}
type Origin = Omit<QuarantinedDelivery, 'body' | 'items' | 'errors'>;

/** The text of a delivery of which nothing could be used. */
export function quarantinedWhole(origin: Origin, body: Uint8Array, errors: readonly ProblemError[]): string {
  const kept: QuarantinedDelivery = { ...origin, errors, body: Buffer.from(body).toString('base64') };
  return JSON.stringify(kept);
}

/** The text of a delivery's bad items; the whole delivery where an item nests too deep to be written again. */
export function quarantinedItems(origin: Origin, body: Uint8Array, items: readonly RefusedItem[]): string {
  try {
    const kept: QuarantinedDelivery = { ...origin, items };
    return JSON.stringify(kept);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return quarantinedWhole(
      origin,
      body,
      items.flatMap((item) => item.errors),
    );
  }
}
