import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { sqsEvent } from './sqs-record.ts';

/**
 * What an invocation's event may be, as JSON: fewer messages than a batch may have where they are large.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
 */
const MAX_EVENT_BYTES = 6 * 1024 * 1024;
/** Of a message without its body: ids, handle, attributes. */
const RECORD_BYTES = 1_000;

/** As many of these messages as Lambda hands to a function at once. */
export function largestBatch(records: readonly SQSRecord[], batchSize: number): SQSEvent {
  let bytes = 0;
  const fitting = records.slice(0, batchSize).findIndex(({ body }) => {
    bytes += RECORD_BYTES + JSON.stringify(body).length;
    return bytes > MAX_EVENT_BYTES;
  });
  return sqsEvent(...records.slice(0, fitting < 0 ? batchSize : fitting));
}

/** The same text for so many messages that Lambda still hands them out at once, with as many entries in it as fit. */
export function largestText(messages: number, textOf: (entries: number) => string): string {
  const bytes = Math.floor(MAX_EVENT_BYTES / messages) - RECORD_BYTES;
  return textOf(entriesThatFit(bytes, (entries) => JSON.stringify(textOf(entries)).length));
}

/** How many entries, all of one length, may be in a text of so many bytes. */
export function entriesThatFit(bytes: number, bytesOf: (entries: number) => number): number {
  const some = 100;
  const entryBytes = Math.ceil((bytesOf(some) - bytesOf(0)) / some);
  return Math.max(0, Math.floor((bytes - bytesOf(0)) / entryBytes));
}
