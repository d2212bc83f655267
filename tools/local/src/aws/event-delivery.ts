import { sendableText } from '@aftercall/schemas';
import type { BusEvent, BusTarget } from './bus-target.ts';
import { nameIn } from './identity.ts';
import type { AttemptResult, OutgoingMessage } from './sqs-outbox.ts';

export interface EventDeliveryDeps {
  /** One try. Never rejects. */
  readonly attempt: (event: BusEvent, target: BusTarget) => Promise<AttemptResult>;
  /** Sends to a dead-letter queue. Never rejects. */
  readonly sendDeadLetter: (queueArn: string, message: OutgoingMessage) => Promise<AttemptResult>;
  readonly now: () => Date;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  /** Ends early when the stack stops. */
  readonly pause: (millis: number) => Promise<unknown>;
  /** Aborted by `stop`; who attempts and pauses knows its signal. */
  readonly stopping: AbortController;
  readonly report: (line: string) => void;
}

/** Brings events to their targets, again and again with growing pauses, as EventBridge does for a day. */
export interface EventDelivery {
  /** Takes an event; returns at once and keeps trying by itself. */
  readonly deliver: (event: BusEvent, target: BusTarget) => void;
  /** Gives up what is still waiting for a retry. */
  readonly stop: () => Promise<void>;
}

/** Why an event is given up, as its dead letter says it. */
interface Failure {
  readonly code: string;
  readonly message: string;
  readonly retries: number;
  readonly exhausted?: 'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds';
}

/** Shorter than on AWS: who tries something on a laptop waits for it. */
const FIRST_PAUSE_MILLIS = 100;
const LONGEST_PAUSE_MILLIS = 5_000;

export function createEventDelivery(deps: EventDeliveryDeps): EventDelivery {
  const underWay = new Set<Promise<void>>();
  const failing = new Set<string>();
  return {
    deliver: (event, target) => {
      const delivery = deliverOne(event, target, { ...deps, failing });
      underWay.add(delivery);
      void delivery.finally(() => underWay.delete(delivery));
    },
    stop: async () => {
      deps.stopping.abort();
      await Promise.allSettled(underWay);
    },
  };
}

/** `failing`: the targets that did not take what they got last. */
type RunDeps = EventDeliveryDeps & { readonly failing: Set<string> };

async function deliverOne(event: BusEvent, target: BusTarget, deps: RunDeps): Promise<void> {
  const { signal } = deps.stopping;
  const acceptedMillis = deps.now().getTime();
  for (let retries = 0; ; retries += 1) {
    const result = await deps.attempt(event, target);
    if (signal.aborted) return;
    tell(result, event, target, deps);
    if (result.outcome === 'delivered') return;
    const pauseMillis = Math.max(backoffMillis(retries, deps.random), result.retryAfterMillis ?? 0);
    const ageMillis = deps.now().getTime() - acceptedMillis + pauseMillis;
    const { code, message } = result;
    if (result.retry === 'never') return giveUp(event, target, { code, message, retries }, deps);
    const exhausted = limitReached(target, retries, ageMillis);
    if (exhausted) return giveUp(event, target, { code, message, retries, exhausted }, deps);
    await deps.pause(pauseMillis).catch(() => undefined);
    if (signal.aborted) return;
  }
}

function limitReached(target: BusTarget, retries: number, nextAgeMillis: number): Failure['exhausted'] {
  if (retries >= target.maximumRetryAttempts) return 'MaximumRetryAttempts';
  if (nextAgeMillis > target.maximumEventAgeSeconds * 1000) return 'MaximumEventAgeInSeconds';
  return undefined;
}

function backoffMillis(retries: number, random: () => number): number {
  return Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS * 2 ** retries) * (0.5 + random() / 2);
}

/** A target's outage is told once, and so is its end. */
function tell(result: AttemptResult, event: BusEvent, target: BusTarget, { failing, report }: RunDeps): void {
  const name = targetName(target);
  if (result.outcome === 'delivered') {
    if (failing.delete(target.arn)) report(`events: ${name} takes events again`);
    return;
  }
  if (result.retry === 'never' || failing.has(target.arn)) return;
  failing.add(target.arn);
  report(`events: ${name} did not take event ${event.id}, trying again: ${result.message}`);
}

/** The dead letter is the event as it was, whatever of it the target gets. */
async function giveUp(event: BusEvent, target: BusTarget, failure: Failure, deps: RunDeps): Promise<void> {
  const lost =
    target.deadLetterArn === undefined
      ? 'it has no dead-letter queue'
      : await deadLetter(event, target, target.deadLetterArn, failure, deps);
  const where = lost === undefined ? 'it is in the dead-letter queue' : `it is lost: ${lost}`;
  deps.report(
    `events: gave up bringing event ${event.id} to ${targetName(target)} (${failure.message}); ${where}`,
  );
}

/** @returns why it failed */
async function deadLetter(
  event: BusEvent,
  target: BusTarget,
  queueArn: string,
  { code, message, retries, exhausted }: Failure,
  { sendDeadLetter }: RunDeps,
): Promise<string | undefined> {
  const attributes = {
    RULE_ARN: target.ruleArn,
    TARGET_ARN: target.arn,
    ERROR_CODE: code,
    ERROR_MESSAGE: message,
    RETRY_ATTEMPTS: String(retries),
    ...(exhausted && { EXHAUSTED_RETRY_CONDITION: exhausted }),
  };
  const result = await sendDeadLetter(queueArn, { body: sendableText(JSON.stringify(event)), attributes });
  return result.outcome === 'delivered' ? undefined : result.message;
}

/** An API destination's ARN ends in an id, which says nothing. */
function targetName({ kind, arn }: BusTarget): string {
  return kind === 'api-destination' ? nameIn(arn.replace(/\/[^/]*$/, '')) : nameIn(arn);
}
