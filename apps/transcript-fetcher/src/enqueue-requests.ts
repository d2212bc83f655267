import type { QueueEntry } from '@aftercall/queue';
import { sendableText, type TranscriptRequest } from '@aftercall/schemas';

/** Puts requests into the transcript queue; resolves once it holds them all. */
export const enqueueRequests =
  (enqueue: (entries: readonly QueueEntry[]) => Promise<void>) =>
  (requests: readonly TranscriptRequest[]): Promise<void> =>
    enqueue(
      requests.map((transcript) => ({ body: sendableText(JSON.stringify({ transcript })), attributes: {} })),
    );
