import Type, { type Static } from 'typebox';
import { problemErrorSchema } from './problem.ts';
import { idSchema, timeSchema } from './text.ts';

/**
 * What is kept of a signed delivery that could not be understood, whole or in part. Always the exact bytes: a value
 * that was parsed is not what was sent any more (1e400, duplicate keys), and which items are bad may look different on
 * the sender's next try.
 */
export const quarantinedDeliverySchema = Type.Object({
  source: idSchema,
  org: idSchema,
  deliveryid: idSchema,
  receivedtime: timeSchema,
  /** The delivery id under the sender's signature, where the scheme has one. */
  signedid: Type.Optional(Type.String()),
  /** Where the faults are, and what they are; items that have none went on. */
  errors: Type.Array(problemErrorSchema),
  /** Base64 of the exact bytes. */
  body: Type.String(),
});
export type QuarantinedDelivery = Static<typeof quarantinedDeliverySchema>;
