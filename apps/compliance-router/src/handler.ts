import type { ConsumerCircuits } from '@aftercall/circuit-breaker';
import { downstreamOf } from '@aftercall/genesys';
import { type PermanentError, type QueueMessage, runBatch, type RunBatchDeps } from '@aftercall/queue';
import { type OutcomeFact, readOutcomeFact } from '@aftercall/schemas';
import type { Logger, Metrics } from '@aftercall/telemetry';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { routeFact, type Routed, type RouteDeps } from './route-fact.ts';

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-exactly-once-processing.html */
const DEDUPLICATION_SECONDS = 5 * 60;

/** Without one of these a violation would be told in part: it is held before anybody is. */
const DOWNSTREAMS = ['sqs', 'events'];

export interface HandlerDeps
  extends Omit<RouteDeps, 'remainingMillis'>,
    Pick<RunBatchDeps, 'changeVisibility' | 'deadLetter' | 'random' | 'backoff'> {
  readonly circuits: Pick<ConsumerCircuits, 'through' | 'holding'>;
  readonly log: Logger;
  readonly metrics: Metrics;
  now(): Date;
}

/** One batch of facts with violations in, the messages to hand out again out. Each message stands for itself. */
export function createHandler(deps: HandlerDeps) {
  return async (
    event: SQSEvent,
    context: { getRemainingTimeInMillis(): number },
  ): Promise<SQSBatchResponse> => {
    const remainingMillis = () => context.getRemainingTimeInMillis();
    try {
      return await runBatch(event, (message) => handleMessage(message, { ...deps, remainingMillis }), {
        ...deps,
        remainingMillis,
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
  const { reason } = error;
  const read = readOutcomeFact(message.body);
  const names = read.outcome === 'fact' ? namesOf(read.fact) : {};
  deps.log.warn(
    { messageId: message.messageId, ...names, result: 'dead-letter', reason, err: error },
    'violations',
  );
  deps.metrics.count('DeadLettered', 1, { Reason: reason });
}

async function handleMessage(message: QueueMessage, given: HandlerDeps & RouteDeps): Promise<void> {
  const deps = { ...given, setTag: throughCircuit(given) };
  const startedAt = deps.now();
  deps.metrics.millis('QueueAge', startedAt.getTime() - message.sentAt.getTime());
  const routed = await deps.circuits.through(DOWNSTREAMS, () => routeFact(message.body, deps));
  report(routed, message, startedAt, deps);
}

/** Apart from the others: teams are told also while Genesys Cloud is known to be down, and only the tag waits. */
const throughCircuit =
  ({ circuits, setTag }: HandlerDeps): RouteDeps['setTag'] =>
  (tag, remainingMillis) =>
    circuits.through([downstreamOf(tag.org)], () => setTag(tag, remainingMillis));

function report(
  { fact, teams, unmatched, tagged }: Routed,
  message: QueueMessage,
  startedAt: Date,
  { log, metrics, now }: HandlerDeps,
): void {
  if (tagged?.outcome === 'refused') {
    const { reason, error } = tagged;
    log.error({ ...namesOf(fact), result: 'refused', reason, err: error }, 'external tag');
    metrics.count('Rejected', 1, { Reason: reason });
  }
  const at = now().getTime();
  const durationMs = at - startedAt.getTime();
  const result = teams.length > 0 ? 'routed' : 'nothing-to-route';
  log.info(
    {
      ...namesOf(fact),
      result,
      teams,
      unmatched,
      tag: tagged?.outcome,
      durationMs,
      receiveCount: message.receiveCount,
    },
    'violations',
  );
  metrics.count('Processed', 1, { Source: fact.data.source });
  metrics.millis('ProcessLatency', durationMs);
  metrics.millis('EndToEndLatency', at - Date.parse(fact.data.received_at));
  for (const team of teams) metrics.count('Routed', 1, { Queue: team });
  if (teams.length > 0 && isPastDeduplication(message, startedAt)) metrics.count('PossiblyRepeated');
}

/** Whether an earlier try may have put messages into QA queues that no longer recognise these as the same. */
const isPastDeduplication = ({ replayRun, receiveCount, sentAt }: QueueMessage, startedAt: Date): boolean =>
  replayRun !== undefined ||
  (receiveCount > 1 && startedAt.getTime() - sentAt.getTime() > DEDUPLICATION_SECONDS * 1000);

/** What a line of log calls the outcome by. */
const namesOf = ({ subject, data }: OutcomeFact) => ({
  eventId: data.event_id,
  conversationId: subject,
  source: data.source,
});
