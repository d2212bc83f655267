import type { ConsumerCircuits } from '@aftercall/circuit-breaker';
import { type PermanentError, type QueueMessage, runBatch, type RunBatchDeps } from '@aftercall/queue';
import { readEnvelope } from '@aftercall/schemas';
import type { Logger, Metrics } from '@aftercall/telemetry';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { type ProcessDeps, type Processed, namesOf, processMessage } from './process-message.ts';

export interface HandlerDeps
  extends Omit<ProcessDeps, 'remainingMillis'>,
    Pick<RunBatchDeps, 'changeVisibility' | 'deadLetter' | 'random' | 'backoff'> {
  readonly circuits: Pick<ConsumerCircuits, 'through' | 'holding'>;
  readonly log: Logger;
  readonly metrics: Metrics;
}
type Remaining = Pick<ProcessDeps, 'remainingMillis'>;

/** Without one of these no event has its effect: it is held before it is claimed. */
const DOWNSTREAMS = ['dynamodb', 'events'];

/** One batch of `events.fifo` in, the messages to hand out again out. A failure holds back its own conversation and no other. */
export function createHandler(deps: HandlerDeps) {
  return async (
    event: SQSEvent,
    context: { getRemainingTimeInMillis(): number },
  ): Promise<SQSBatchResponse> => {
    const remaining = { remainingMillis: () => context.getRemainingTimeInMillis() };
    try {
      return await runBatch(event, (message) => handleMessage(message, { ...deps, ...remaining }), {
        ...deps,
        ...remaining,
        holding: deps.circuits.holding,
        deadLetter: (message, error) => deadLetter(message, error, deps),
      });
    } finally {
      deps.metrics.flush();
    }
  };
}

async function deadLetter(message: QueueMessage, error: PermanentError, deps: HandlerDeps): Promise<void> {
  await deps.deadLetter(message, error);
  const { messageId } = message;
  const { reason, attempts } = error;
  deps.log.warn(
    { messageId, ...namesIn(message, reason), result: 'dead-letter', reason, attempt: attempts, err: error },
    'event',
  );
  deps.metrics.count('DeadLettered', 1, { Reason: reason });
  if (reason === 'conflict') deps.metrics.count('Conflicts');
}

/** What the message says it is about, unless nobody vouches for what it says. */
function namesIn({ body }: QueueMessage, reason: string) {
  const read = reason === 'bad-seal' ? undefined : readEnvelope(body);
  if (read === undefined || read.outcome === 'refused') return {};
  const { receivedTime: _receivedTime, ...names } = namesOf(read.envelope);
  return names;
}

async function handleMessage(message: QueueMessage, deps: HandlerDeps & Remaining): Promise<void> {
  const startedAt = deps.now();
  deps.metrics.millis('QueueAge', startedAt.getTime() - message.sentAt.getTime());
  const processed = await deps.circuits.through(DOWNSTREAMS, () => processMessage(message, deps));
  report(processed, message, startedAt, deps);
}

function report(
  processed: Processed,
  message: QueueMessage,
  startedAt: Date,
  { log, metrics, now }: HandlerDeps,
): void {
  const { outcome, receivedTime, ...facts } = processed;
  const at = now().getTime();
  const durationMs = at - startedAt.getTime();
  log.info({ ...facts, result: outcome, durationMs }, 'event');
  metrics.millis('ProcessLatency', durationMs);
  if (outcome === 'duplicate') {
    metrics.count('Duplicates');
    return;
  }
  metrics.count('Processed', 1, { Source: processed.source });
  metrics.millis('EndToEndLatency', at - Date.parse(receivedTime));
  if (processed.late) metrics.count('Stale');
  if (processed.violations && isPerhapsRepeated(message)) metrics.count('PossiblyRepeated');
  if (processed.refused) metrics.count('Quarantined', processed.refused, { Source: processed.source });
}

/**
 * Whether an earlier try may have published the same fact. A QA queue knows its violations again for five minutes; how
 * long after the first one this one gets there, bus and queue decide, so every repetition counts.
 */
const isPerhapsRepeated = ({ receiveCount, replayRun }: QueueMessage): boolean =>
  receiveCount > 1 || replayRun !== undefined;
