import { createHash } from 'node:crypto';

/** What a dead letter is kept under: the same however often it is collected, and known before it is. */
export const letterId = (deadLetterQueue: string, messageId: string): string =>
  createHash('sha256').update(`${deadLetterQueue}\n${messageId}`).digest('hex');
