import type { ConsumerCircuits } from '@aftercall/circuit-breaker';
import { type PermanentError, type QueueMessage, runBatch, type RunBatchDeps } from '@aftercall/queue';
import { readTranscriptRequest, type TranscriptRequest } from '@aftercall/schemas';
import type { Logger, Metrics } from '@aftercall/telemetry';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { type Handled, handleRequest, type RequestDeps } from './handle-request.ts';
import { isForSomebody, WaitingError } from './transcript-errors.ts';
import { mayBeMissing } from './wait-for-transcript.ts';

export interface HandlerDeps
  extends Omit<RequestDeps, 'remainingMillis' | 'through'>,
    Pick<RunBatchDeps, 'changeVisibility' | 'deadLetter' | 'backoff'> {
  readonly circuits: Pick<ConsumerCircuits, 'through' | 'holding'>;
  readonly log: Logger;
  readonly metrics: Metrics;
}
type Remaining = Pick<RequestDeps, 'remainingMillis'>;

/** One batch of the transcript queue in, the messages to hand out again out. Each message stands for itself. */
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
        log: quietAboutWaiting(deps.log),
        deadLetter: (message, error) => deadLetter(message, error, deps),
      });
    } finally {
      deps.metrics.flush();
    }
  };
}

/** A message that waits for its time goes back like one that failed, but is no failure. */
const quietAboutWaiting = (log: Logger): RunBatchDeps['log'] => ({
  warn: (fields, message) =>
    'err' in fields && fields.err instanceof WaitingError
      ? log.debug(fields, 'the transcript is not due yet')
      : log.warn(fields, message),
});

async function deadLetter(message: QueueMessage, error: PermanentError, deps: HandlerDeps): Promise<void> {
  await deps.deadLetter(message, error);
  const { reason, attempts } = error;
  const read = readTranscriptRequest(message.body, message.sentAt);
  const names = read.outcome === 'request' ? namesOf(read.request) : {};
  const line = { messageId: message.messageId, ...names, result: 'dead-letter', reason, attempt: attempts };
  deps.log.warn({ ...line, err: error }, 'transcript');
  deps.metrics.count('DeadLettered', 1, { Reason: reason });
  // The dead letter has it now; a row would bring it again every day.
  if (read.outcome === 'request' && mayBeMissing(read.request, deps)) await deps.removeMissing(read.request);
}

async function handleMessage(message: QueueMessage, deps: HandlerDeps & Remaining): Promise<void> {
  const startedAt = deps.now();
  deps.metrics.millis('QueueAge', startedAt.getTime() - message.sentAt.getTime());
  try {
    const handled = await handleRequest(message, { ...deps, through: deps.circuits.through });
    report(handled, startedAt, deps);
  } catch (error) {
    if (isForSomebody(error))
      deps.log.error(
        { messageId: message.messageId, err: error },
        'Genesys Cloud refuses us: somebody must act',
      );
    throw error;
  }
}

function report(handled: Handled, startedAt: Date, { log, metrics, now }: HandlerDeps): void {
  const at = now().getTime();
  const durationMs = at - startedAt.getTime();
  log.info({ ...fieldsOf(handled), result: handled.result, durationMs }, 'transcript');
  metrics.millis('ProcessLatency', durationMs);
  if (handled.result === 'duplicate') metrics.count('Duplicates');
  if (handled.result !== 'stored') return;
  metrics.count('Processed');
  metrics.count('TranscriptBytes', handled.stored.bytes);
  metrics.millis('TranscriptWait', at - Date.parse(handled.request.eventTime));
}

/** What a line of log tells: names and numbers. */
function fieldsOf(handled: Handled): object {
  switch (handled.result) {
    case 'nothing':
      return {};
    case 'swept':
      return { asked: handled.asked };
    case 'communications':
      return { ...namesOf(handled.request), found: handled.found };
    case 'stored': {
      const { bytes, phrases } = handled.stored;
      return { ...namesOf(handled.request), bytes, phrases };
    }
    case 'not-ready':
      return { ...namesOf(handled.request), notBefore: handled.notBefore };
    case 'duplicate':
    case 'missing':
    case 'gave-up':
      return namesOf(handled.request);
  }
}

const namesOf = ({ org, conversationId, communicationId, notReady }: TranscriptRequest) => ({
  org,
  conversationId,
  communicationId,
  notReady,
});
