import type { DescribedStage } from '@aftercall/local';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Ended } from './container.ts';
import type { VirtualQueue } from './virtual-queue.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface EventSourceDeps {
  readonly spec: DescribedStage['runtime']['eventSources'][number];
  readonly queue: VirtualQueue;
  readonly time: VirtualTime;
  readonly invoke: (event: SQSEvent) => Promise<Ended>;
  readonly queuesAreUp: () => boolean;
  /** How much of a batch one receive brings; SQS is free to bring less than there is. */
  readonly receiveAtMost: (batchSize: number) => number;
}

/** One receive of SQS's brings no more. */
const MOST_AT_ONCE = 10;
/** Until a queue that cannot be reached is tried again. */
const RETRY_MILLIS = 5_000;
/** Where an event source has no limit of its own. */
const CONCURRENCY = 5;

/** Takes messages from a queue to a function as Lambda does; what the function does not give back it deletes. */
export function startEventSource(deps: EventSourceDeps): void {
  const { spec, queue, time, queuesAreUp } = deps;
  let running = 0;
  let isPlanned = false;
  const plan = (millis: number): void => {
    if (isPlanned) return;
    isPlanned = true;
    time.after(millis, () => {
      isPlanned = false;
      poll();
    });
  };
  const poll = (): void => {
    if (!queuesAreUp()) return plan(RETRY_MILLIS);
    while (running < (spec.maximumConcurrency ?? CONCURRENCY)) {
      const event = receive(deps);
      if (event.Records.length === 0) return;
      running += 1;
      void work(event, deps).finally(() => {
        running -= 1;
        plan(0);
      });
    }
  };
  queue.onAvailable(() => plan(spec.batchingWindowSeconds * 1000));
}

function receive({ spec, queue, receiveAtMost }: EventSourceDeps): SQSEvent {
  let left = receiveAtMost(spec.batchSize);
  const records: SQSEvent['Records'] = [];
  while (left > 0) {
    const { Records } = queue.receive(Math.min(left, MOST_AT_ONCE));
    if (Records.length === 0) break;
    records.push(...Records);
    left -= Records.length;
  }
  return { Records: records };
}

async function work(event: SQSEvent, { queue, invoke, queuesAreUp }: EventSourceDeps): Promise<void> {
  const ended = await invoke(event);
  // What a function that ended badly had in hand comes again when its visibility is over.
  if (ended.outcome !== 'returned' || !queuesAreUp()) return;
  const { batchItemFailures } = ended.value as SQSBatchResponse;
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  const done = event.Records.filter(({ messageId }) => !failed.has(messageId));
  await Promise.all(done.map(({ receiptHandle }) => queue.deleteMessage(receiptHandle)));
}
