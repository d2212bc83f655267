// The adapters that bring the SDK with them. Apart from the index, because whatever a bundle loads on demand is loaded
// at once when the index that it shares with the rest names it.
export { sqsChangeVisibility } from './sqs-change-visibility.ts';
export { sqsDeadLetter } from './sqs-dead-letter.ts';
export type { DeadLetterSender } from './sqs-dead-letter.ts';
export { sqsSendBatch } from './sqs-send-batch.ts';
export { sqsRecord } from './sqs-record.ts';
