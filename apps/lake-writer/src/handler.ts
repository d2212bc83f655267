import type { ConsumerCircuits } from '@aftercall/circuit-breaker';
import { type PermanentError, type QueueMessage, type ReturnDeps, runTogether } from '@aftercall/queue';
import type { OutcomeRow } from '@aftercall/schemas';
import type { Logger, Metrics } from '@aftercall/telemetry';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { LakeFiles } from './lake-files.ts';
import type { MergedPartition } from './merge-partition.ts';
import { writeOutcomes } from './write-outcomes.ts';

/** A file this large takes a second or two to merge: time for shards. */
const MANY_ROWS = 100_000;

export interface HandlerDeps extends Omit<ReturnDeps, 'log' | 'holding'> {
  readonly circuits: Pick<ConsumerCircuits, 'through' | 'holding'>;
  readonly files: LakeFiles;
  readonly shards: number;
  readonly pause: (millis: number) => Promise<unknown>;
  readonly log: Logger;
  readonly metrics: Metrics;
  now(): Date;
}

/** One batch of outcomes in, the messages to hand out again out. */
export function createHandler(deps: HandlerDeps) {
  return async (
    event: SQSEvent,
    context: { getRemainingTimeInMillis(): number },
  ): Promise<SQSBatchResponse> => {
    try {
      return await runTogether(event, (messages) => write(messages, context, deps), {
        ...deps,
        holding: deps.circuits.holding,
        deadLetter: (message, error) => deadLetter(message, error, deps),
      });
    } finally {
      deps.metrics.flush();
    }
  };
}

function write(
  messages: readonly QueueMessage[],
  context: { getRemainingTimeInMillis(): number },
  deps: HandlerDeps,
) {
  const { metrics, now } = deps;
  const oldest = Math.min(...messages.map(({ sentAt }) => sentAt.getTime()));
  metrics.millis('QueueAge', now().getTime() - oldest);
  return writeOutcomes(messages, {
    ...deps,
    through: deps.circuits.through,
    remainingMillis: () => context.getRemainingTimeInMillis(),
    onMerged: (key, merged, rows) => report(key, merged, rows, deps),
  });
}

async function deadLetter(message: QueueMessage, error: PermanentError, deps: HandlerDeps): Promise<void> {
  await deps.deadLetter(message, error);
  const { reason } = error;
  deps.log.warn({ messageId: message.messageId, result: 'dead-letter', reason, err: error }, 'outcome');
  deps.metrics.count('DeadLettered', 1, { Reason: reason });
}

function report(
  key: string,
  merged: MergedPartition,
  rows: readonly OutcomeRow[],
  { log, metrics, now }: HandlerDeps,
): void {
  const { result, ...counts } = merged;
  log.info({ key, result, rows: rows.length, ...counts }, 'lake file');
  if (merged.rowCount > MANY_ROWS) {
    log.warn(
      { key, rowCount: merged.rowCount },
      'the file is large: configure more shards for hours to come',
    );
  }
  const earliest = Math.min(...rows.map(({ received_at: receivedAt }) => Date.parse(receivedAt)));
  metrics.millis('EndToEndLatency', now().getTime() - earliest);
  metrics.count('LakeRows', merged.added);
  if (result === 'written') metrics.count('LakeFiles');
}
