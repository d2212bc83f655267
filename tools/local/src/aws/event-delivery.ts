import type { SQSClient } from '@aws-sdk/client-sqs';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { setTimeout as pause } from 'node:timers/promises';
import type { BusEvent, SqsTarget } from './event-bridge.ts';
import { ACCOUNT, nameIn } from './identity.ts';

export interface EventDeliveryDeps {
  readonly sqs: SQSClient;
  readonly sqsUrl: string;
  readonly report: (line: string) => void;
}

/** Brings events to their targets, again and again with growing pauses, as EventBridge does for a day. */
export interface EventDelivery {
  readonly deliver: (event: BusEvent, target: SqsTarget) => void;
  /** Gives up what is still waiting for a retry. */
  readonly stop: () => Promise<void>;
}

const FIRST_PAUSE_MILLIS = 100;
const LONGEST_PAUSE_MILLIS = 5_000;
const MAX_EVENT_AGE_MILLIS = 24 * 60 * 60 * 1000;

/** Targets of the local EventBridge are SQS queues of the same stack. */
export function createEventDelivery(deps: EventDeliveryDeps): EventDelivery {
  const stopping = new AbortController();
  const underWay = new Set<Promise<void>>();
  return {
    deliver: (event, target) => {
      const attempt = deliverOne(event, target, deps, stopping.signal);
      underWay.add(attempt);
      void attempt.finally(() => underWay.delete(attempt));
    },
    stop: async () => {
      stopping.abort();
      await Promise.allSettled(underWay);
    },
  };
}

async function deliverOne(
  event: BusEvent,
  target: SqsTarget,
  deps: EventDeliveryDeps,
  signal: AbortSignal,
): Promise<void> {
  const started = Date.now();
  for (let retries = 0; !signal.aborted; retries += 1) {
    const problem = await send(event, target.arn, target.groupId, deps, signal);
    if (problem === undefined || signal.aborted) return;
    if (retries === 0)
      deps.report(`events: ${nameIn(target.arn)} did not take event ${event.id}, trying again: ${problem}`);
    if (retries >= target.maximumRetryAttempts || Date.now() - started > MAX_EVENT_AGE_MILLIS)
      return giveUp(event, target, deps, signal);
    await pause(Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS * 2 ** retries), undefined, {
      signal,
    }).catch(() => undefined);
  }
}

/** @returns why it failed */
async function send(
  event: BusEvent,
  queueArn: string,
  groupId: string | undefined,
  deps: EventDeliveryDeps,
  signal: AbortSignal,
): Promise<string | undefined> {
  const QueueUrl = `${deps.sqsUrl}/${ACCOUNT}/${nameIn(queueArn)}`;
  const group = groupId === undefined ? {} : { MessageGroupId: groupId };
  try {
    await deps.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(event), ...group }), {
      abortSignal: signal,
    });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message || error.name : String(error);
  }
}

async function giveUp(
  event: BusEvent,
  target: SqsTarget,
  deps: EventDeliveryDeps,
  signal: AbortSignal,
): Promise<void> {
  const lost =
    target.deadLetterArn === undefined
      ? 'it has no dead-letter queue'
      : await send(event, target.deadLetterArn, target.groupId, deps, signal);
  const where = lost === undefined ? 'it is in the dead-letter queue' : `it is lost: ${lost}`;
  deps.report(`events: gave up bringing event ${event.id} to ${nameIn(target.arn)}; ${where}`);
}
