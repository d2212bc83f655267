import type { Envelope } from './envelope.ts';
import { sendableText } from './sendable-text.ts';

/**
 * The exact text that is sealed and sent.
 *
 * @param dataText JSON text of the envelope's data where it is at hand already: writing it again is a tenth of what a
 *   delivery costs
 */
export const envelopeBody = (envelope: Envelope, dataText?: string): string =>
  sendableText(dataText === undefined ? JSON.stringify(envelope) : textAround(dataText, envelope));

const textAround = (dataText: string, envelope: Envelope): string =>
  `${JSON.stringify({ ...envelope, data: undefined }).slice(0, -1)},"data":${dataText}}`;
