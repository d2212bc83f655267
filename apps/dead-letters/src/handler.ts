import { type QueueMessage, runBatch, type RunBatchDeps } from '@aftercall/queue';
import { type SetAsideTask, validateSetAsideTask } from '@aftercall/schemas';
import type { Logger, Metrics } from '@aftercall/telemetry';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { type CollectDeps, collectLetter } from './collect-letter.ts';
import { carryOut, escalate, requestDecision, type ReviewDeps } from './conduct-review.ts';
import { discardEntries } from './discard-entries.ts';
import { drainArchive, type DrainDeps } from './drain-archive.ts';
import { groupLetters, type GroupDeps } from './group-letters.ts';
import { replayEntries, type ReplayReport } from './replay-entries.ts';

export interface HandlerDeps
  extends CollectDeps,
    Omit<DrainDeps, 'remainingMillis' | 'setAside'>,
    Omit<GroupDeps, 'setAside' | 'reviews'>,
    Omit<ReviewDeps, 'remainingMillis' | 'setAside' | 'reviews' | 'log'>,
    Pick<RunBatchDeps, 'random' | 'backoff'> {
  readonly setAside: ReviewDeps['setAside'];
  readonly reviews: ReviewDeps['reviews'] & GroupDeps['reviews'];
  /** Of a message of this dead-letter queue. */
  changeVisibility(deadLetterQueue: string): RunBatchDeps['changeVisibility'];
  readonly log: Logger;
  readonly metrics: Metrics;
}
type Invocation = HandlerDeps & { remainingMillis(): number };

/** What was asked for is nothing that this function does; asking again does not help. */
export class TaskError extends Error {
  override readonly name = 'TaskError';
  readonly code = 'bad-task';
}

/**
 * A batch of a dead-letter queue in, the letters that are not kept yet out; or a task in, and how far it has come out.
 *
 * @throws TaskError naming the first fault; anything else means: again, nothing is lost
 */
export function createHandler(deps: HandlerDeps) {
  return async (event: unknown, context: { getRemainingTimeInMillis(): number }): Promise<unknown> => {
    const invocation = { ...deps, remainingMillis: () => context.getRemainingTimeInMillis() };
    try {
      if (isBatch(event)) return await collect(event, invocation);
      return await perform(readTask(event), invocation);
    } finally {
      deps.metrics.flush();
    }
  };
}

const isBatch = (event: unknown): event is SQSEvent =>
  typeof event === 'object' && event !== null && 'Records' in event && Array.isArray(event.Records);

function readTask(event: unknown): SetAsideTask {
  if (validateSetAsideTask(event)) return event;
  const [fault] = validateSetAsideTask.errors ?? [];
  throw new TaskError(
    `no task of this function: ${fault?.instancePath ?? ''} ${fault?.message ?? ''}`.trim(),
  );
}

async function collect(event: SQSEvent, deps: Invocation): Promise<SQSBatchResponse> {
  const queue = event.Records[0]?.eventSourceARN.split(':').at(-1) ?? '';
  return runBatch(event, (message) => keep(message, queue, deps), {
    ...deps,
    changeVisibility: deps.changeVisibility(queue),
    deadLetter: () => Promise.reject(new Error('a dead letter has nowhere else to go')),
  });
}

async function keep(message: QueueMessage, queue: string, deps: Invocation): Promise<void> {
  const { item, stored } = await collectLetter(message, queue, deps);
  const { id, reason, detail, eventId, conversationId, source } = item;
  const names = { queue, id, eventId, conversationId, source, givenUpBy: item.function };
  deps.log.warn({ ...names, reason, detail, result: stored }, 'letter');
  if (stored === 'new') deps.metrics.count('DeadLettered', 1, { Reason: reason });
}

async function perform(task: SetAsideTask, deps: Invocation): Promise<unknown> {
  if ('review' in task) return review(task, deps);
  switch (task.task) {
    case 'group':
      return { reviews: await groupLetters(task.execution, deps) };
    case 'drain':
      return report(await drainArchive(deps), deps);
    case 'replay':
      return report(await replayEntries(task, deps), deps);
    case 'discard':
      return discardEntries(task, deps);
  }
}

async function review(task: Extract<SetAsideTask, { review: unknown }>, deps: Invocation): Promise<unknown> {
  switch (task.task) {
    case 'notify':
      return requestDecision(task.review, task.taskToken, deps);
    case 'escalate':
      return escalate(task.review, task.cause, deps);
    case 'replay':
    case 'discard':
      return carryOut(task.review, task.decision, deps);
  }
}

function report(replayed: ReplayReport, { log, metrics }: Invocation): ReplayReport {
  const { refusals, ...counts } = replayed;
  if (counts.replayed > 0) metrics.count('Replayed', counts.replayed);
  if (counts.replayed > 0 || counts.refused > 0)
    log.info({ ...counts, firstRefusal: refusals[0], result: 'replayed' }, 'replay');
  return replayed;
}
