// Runs the transcript fetcher's bundle on the batches that its parent sends, and says what that took in memory, and how
// much of the last download had not been read yet when the first part of it was in S3.
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';

/** Often enough to see a part of 5 MB come and go. */
const SAMPLE_MILLIS = 10;
const REMAINING_MILLIS = 300_000;

export interface BatchRun {
  readonly failed: number;
  readonly rssBytes: number;
  /** After a garbage collection. */
  readonly usedBytes: number;
  /** The most since the batch began. */
  readonly peakRssBytes: number;
  /** As a share; undefined for a transcript that was stored in one piece. */
  readonly unreadAtFirstPart: number | undefined;
}

type Handler = (
  event: SQSEvent,
  context: { getRemainingTimeInMillis(): number },
) => Promise<SQSBatchResponse>;

let download: IncomingMessage | undefined;
let bytesAtFirstPart: number | undefined;
let batches = 0;
subscribe('http.client.response.finish', (message) => {
  const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
  if (request.path.startsWith('/transcripts/') && request.method === 'GET') download = response;
  if (/[?&]partNumber=1(&|$)/.test(request.path)) bytesAtFirstPart = download?.socket.bytesRead;
});

const { handler } = (await import(pathToFileURL(process.argv[2] ?? '').href)) as { handler: Handler };

/** A collection costs time, and would keep the process smaller than it is in earnest: one batch in ten is enough. */
async function usedBytes(): Promise<number> {
  for (let round = 0; round < 3 && batches % 10 === 0; round += 1) {
    globalThis.gc?.();
    // What is outside of the heap is let go of a little later.
    await setTimeout(50);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function run(event: SQSEvent): Promise<BatchRun> {
  batches += 1;
  bytesAtFirstPart = undefined;
  let peakRssBytes = process.memoryUsage.rss();
  const timer = setInterval(() => {
    peakRssBytes = Math.max(peakRssBytes, process.memoryUsage.rss());
  }, SAMPLE_MILLIS);
  const endsAt = performance.now() + REMAINING_MILLIS;
  const { batchItemFailures } = await handler(event, {
    getRemainingTimeInMillis: () => endsAt - performance.now(),
  });
  clearInterval(timer);
  const total = download?.socket.bytesRead ?? 0;
  const rssBytes = process.memoryUsage.rss();
  return {
    failed: batchItemFailures.length,
    rssBytes,
    usedBytes: await usedBytes(),
    peakRssBytes: Math.max(peakRssBytes, rssBytes),
    unreadAtFirstPart: bytesAtFirstPart === undefined ? undefined : 1 - bytesAtFirstPart / total,
  };
}

process.on('message', (event: SQSEvent) => {
  void run(event).then((result) => process.send?.(result));
});
process.send?.('ready');
