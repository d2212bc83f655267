import validateQuarantinedDelivery from '../generated/quarantined-delivery.js';
import type { ProblemError } from './problem.ts';
import type { QuarantinedDelivery } from './quarantined-delivery-schema.ts';

/** Where a delivery came from, as whoever quarantines it knows it. */
export type DeliveryOrigin = Omit<QuarantinedDelivery, 'body' | 'errors' | 'signedid'> & {
  readonly signedid: string | undefined;
};

/** The text that is kept. */
export function quarantinedDelivery(
  { signedid, ...origin }: DeliveryOrigin,
  body: Uint8Array,
  errors: readonly ProblemError[],
): string {
  const kept: QuarantinedDelivery = {
    ...origin,
    ...(signedid !== undefined && { signedid }),
    errors: [...errors],
    body: Buffer.from(body).toString('base64'),
  };
  return JSON.stringify(kept);
}

/** The delivery in a text that was kept; undefined for anything else. Never throws. */
export function readQuarantinedDelivery(text: string): QuarantinedDelivery | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return validateQuarantinedDelivery(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
