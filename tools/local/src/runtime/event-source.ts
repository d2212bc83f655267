import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { DeleteMessageBatchCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { sqsRecord } from '@aftercall/queue';
import type { SQSRecord } from 'aws-lambda';
import { setTimeout as pause } from 'node:timers/promises';
import type { EventSourceSpec } from '../apply/local-resources.ts';
import { nameIn } from '../aws/identity.ts';
import { MAX_PAYLOAD_BYTES } from './execution-environment.ts';
import type { InvokeResult } from './execution-environment.ts';
import { failedMessageIds, partsWithin } from './sqs-records.ts';

export interface EventSourceDeps {
  readonly spec: EventSourceSpec;
  readonly queueUrl: string;
  readonly sqs: SQSClient;
  /** How many batches the function can work on at one time. */
  readonly functionConcurrency: number;
  readonly invoke: (event: string) => Promise<InvokeResult>;
  readonly report: (line: string) => void;
}

/** A poller that brings the messages of one queue to one function. */
export interface EventSource {
  /** Ends polling at once and waits for the batches under way. */
  readonly stop: () => Promise<void>;
}

const LONGEST_POLL_SECONDS = 20;
const LARGEST_RECEIVE = 10;
const OUTAGE_PAUSE_MILLIS = 1_000;
/** Between two receives of a batching window that left the queue empty. */
const GATHER_MILLIS = 100;

/**
 * Polls as Lambda does: long polls, batches by size and window, at most so many at one time; what the
 * function has not failed is deleted, all else comes back when its visibility ends.
 */
export function startEventSource(deps: EventSourceDeps): EventSource {
  const stopping = new AbortController();
  const slots = createSlots(Math.min(deps.spec.maximumConcurrency ?? Infinity, deps.functionConcurrency));
  const receive = createReceiver(deps, stopping.signal);
  const poll = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await slots.take();
      const messages = await collectBatch(deps.spec, receive, stopping.signal);
      if (messages.length === 0) slots.free();
      else void work(messages, deps).finally(slots.free);
    }
  };
  const polling = poll();
  return {
    stop: async () => {
      stopping.abort();
      slots.open();
      await polling;
      await slots.allFree();
    },
  };
}

type Receive = (max: number, waitSeconds: number) => Promise<readonly Message[]>;

/**
 * One batch: what the first receive brings, and what the window adds until the batch is full. Within
 * the window messages gather in the queue first, so that a receive brings as many as it can.
 */
async function collectBatch(
  { batchSize, batchingWindowSeconds }: EventSourceSpec,
  receive: Receive,
  signal: AbortSignal,
): Promise<readonly Message[]> {
  const messages = [...(await receive(Math.min(batchSize, LARGEST_RECEIVE), LONGEST_POLL_SECONDS))];
  if (messages.length === 0) return messages;
  const windowEndsMillis = Date.now() + batchingWindowSeconds * 1000;
  const leftMillis = (): number => windowEndsMillis - Date.now();
  let bytes = bytesOf(messages);
  while (messages.length < batchSize && bytes < MAX_PAYLOAD_BYTES && leftMillis() > 0 && !signal.aborted) {
    const wanted = Math.min(batchSize - messages.length, LARGEST_RECEIVE);
    const more = await receive(wanted, 0);
    messages.push(...more);
    bytes += bytesOf(more);
    if (more.length === wanted) continue;
    const pauseMillis = Math.max(0, Math.min(GATHER_MILLIS, leftMillis()));
    await pause(pauseMillis, undefined, { signal }).catch(() => undefined);
  }
  return messages;
}

function bytesOf(messages: readonly Message[]): number {
  return messages.reduce((sum, { Body = '' }) => sum + Buffer.byteLength(Body), 0);
}

/** Receives, and outlives outages: the first failure is reported and so is the end of them. */
function createReceiver({ sqs, queueUrl, report }: EventSourceDeps, signal: AbortSignal): Receive {
  let isDown = false;
  return async (max, waitSeconds) => {
    try {
      const command = new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: max,
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      });
      const { Messages: messages = [] } = await sqs.send(command, { abortSignal: signal });
      if (isDown) report(`${nameIn(queueUrl)}: receiving again`);
      isDown = false;
      return messages;
    } catch (error) {
      if (signal.aborted) return [];
      if (!isDown) report(`${nameIn(queueUrl)}: cannot receive (${describe(error)}), trying on`);
      isDown = true;
      await pause(OUTAGE_PAUSE_MILLIS, undefined, { signal }).catch(() => undefined);
      return [];
    }
  };
}

async function work(messages: readonly Message[], deps: EventSourceDeps): Promise<void> {
  const records = messages.map((message) => sqsRecord(message, deps.spec.queueArn));
  for (const part of partsWithin(records, MAX_PAYLOAD_BYTES)) {
    const done = await finished(part, deps);
    try {
      await deleteAll(done, deps);
    } catch (error) {
      deps.report(
        `${nameIn(deps.queueUrl)}: ${done.length} messages are done but not deleted (${describe(error)}); they come again`,
      );
    }
  }
}

/** The records that need not come back. */
async function finished(
  records: readonly SQSRecord[],
  { spec, invoke }: EventSourceDeps,
): Promise<readonly SQSRecord[]> {
  const result = await invoke(JSON.stringify({ Records: records }));
  if (result.outcome !== 'returned') return [];
  if (!spec.reportsBatchItemFailures) return records;
  const failed = failedMessageIds(
    result.payload,
    records.map(({ messageId }) => messageId),
  );
  return records.filter(({ messageId }) => !failed.has(messageId));
}

async function deleteAll(
  records: readonly SQSRecord[],
  { sqs, queueUrl, report }: EventSourceDeps,
): Promise<void> {
  for (let start = 0; start < records.length; start += LARGEST_RECEIVE) {
    const entries = records.slice(start, start + LARGEST_RECEIVE);
    const answer = await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: entries.map(({ receiptHandle }, index) => ({
          Id: String(index),
          ReceiptHandle: receiptHandle,
        })),
      }),
    );
    const failed = answer.Failed?.length ?? 0;
    if (failed > 0)
      report(
        `${nameIn(queueUrl)}: ${failed} messages were not deleted (${answer.Failed?.[0]?.Code}); they come again`,
      );
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

/** A counted number of turns. */
function createSlots(count: number) {
  let taken = 0;
  let isOpen = false;
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    const woken = waiting;
    waiting = [];
    woken.forEach((resolve) => resolve());
  };
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  return {
    take: async () => {
      await until(() => isOpen || taken < count);
      taken += 1;
    },
    free: () => {
      taken -= 1;
      wake();
    },
    /** Nobody waits for a turn any more. */
    open: () => {
      isOpen = true;
      wake();
    },
    allFree: () => until(() => taken === 0),
  };
}
