import type { ConsumerCircuits } from '@aftercall/circuit-breaker';
import {
  type FailedMessage,
  type PermanentError,
  type QueueEntry,
  type QueueMessage,
  type ReturnDeps,
  runTogether,
  type SendAllResult,
} from '@aftercall/queue';
import type { Logger, Metrics } from '@aftercall/telemetry';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { CategoryNames } from './category-names.ts';
import { type Taken, type TakeDeps, takeEvents } from './take-events.ts';

/** Without it nothing is brought anywhere. */
const DOWNSTREAMS = ['sqs'];
/** Left for sending when Genesys Cloud has been waited for. */
const SENDING_MILLIS = 5_000;
/** Left for giving messages back when sending took too long. */
const RETURNING_MILLIS = 2_000;

export interface HandlerDeps
  extends Omit<TakeDeps, 'send' | 'categoryNames'>,
    Omit<ReturnDeps, 'log' | 'holding'> {
  readonly circuits: Pick<ConsumerCircuits, 'through' | 'holding'>;
  send(entries: readonly QueueEntry[], signal: AbortSignal): Promise<SendAllResult>;
  readonly categoryNames: CategoryNames;
  readonly log: Logger;
  readonly metrics: Metrics;
}
interface Remaining {
  getRemainingTimeInMillis(): number;
}

/** One batch of partner events in, the messages to hand out again out. */
export function createHandler(deps: HandlerDeps) {
  return async (event: SQSEvent, context: Remaining): Promise<SQSBatchResponse> => {
    try {
      return await runTogether(event, (messages) => take(messages, context, deps), {
        ...deps,
        holding: deps.circuits.holding,
        deadLetter: (message, error) => deadLetter(message, error, deps),
      });
    } finally {
      deps.metrics.flush();
    }
  };
}

async function take(
  messages: readonly QueueMessage[],
  context: Remaining,
  deps: HandlerDeps,
): Promise<readonly FailedMessage[]> {
  const startedAt = deps.now();
  const millisBefore = (reserve: number) => Math.max(0, context.getRemainingTimeInMillis() - reserve);
  const takeDeps: TakeDeps = {
    ...deps,
    send: (entries) => deps.send(entries, AbortSignal.timeout(millisBefore(RETURNING_MILLIS))),
    categoryNames: (org, ids) => deps.categoryNames(org, ids, () => millisBefore(SENDING_MILLIS)),
  };
  const taken = await deps.circuits.through(DOWNSTREAMS, () => takeEvents(messages, takeDeps));
  report(taken, startedAt, deps);
  return taken.failed;
}

function report({ sent, skipped }: Taken, startedAt: Date, { log, metrics, now }: HandlerDeps): void {
  const durationMs = now().getTime() - startedAt.getTime();
  for (const { message, topic, source, made } of sent) {
    const { id: eventId, subject: conversationId, deliveryid: deliveryId } = made.envelope;
    log.info(
      { eventId, conversationId, deliveryId, source: source.key, topic, result: 'accepted', durationMs },
      'partner event',
    );
    metrics.count('Accepted', 1, { Source: source.key });
    metrics.millis('QueueAge', startedAt.getTime() - message.sentAt.getTime());
    metrics.millis('ProcessLatency', durationMs);
  }
  for (const { message, topic, source, reason } of skipped) {
    const { messageId } = message;
    log.info({ messageId, source: source.key, topic, result: 'skipped', reason }, 'partner event');
    metrics.count('Rejected', 1, { Reason: reason });
  }
}

async function deadLetter(message: QueueMessage, error: PermanentError, deps: HandlerDeps): Promise<void> {
  await deps.deadLetter(message, error);
  const { reason } = error;
  deps.log.warn({ messageId: message.messageId, result: 'dead-letter', reason, err: error }, 'partner event');
  deps.metrics.count('DeadLettered', 1, { Reason: reason });
}
