import type { Envelope } from './envelope.ts';

const REFUSED_BY_SQS = /[\uFFFE\uFFFF]/g;

/**
 * The exact text that is sealed and sent. SQS refuses a message with U+FFFE or U+FFFF in it, and `JSON.stringify`
 * leaves those as they are.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
export const envelopeBody = (envelope: Envelope): string =>
  JSON.stringify(envelope).replace(REFUSED_BY_SQS, (refused) => `\\u${refused.charCodeAt(0).toString(16)}`);
