import { setTimeout as sleep } from 'node:timers/promises';

import pMap from 'p-map';

import type { PlannedDelivery } from './planned-delivery.ts';
import { isRetried } from './retry-policy.ts';
import type { RetryPolicy } from './retry-policy.ts';
import { signedHeaders } from './sign-planned.ts';

/** One try of a delivery. */
export interface Attempt {
  /** The answer's status, or why there was none. */
  readonly outcome: number | 'timeout' | 'unreachable';
  readonly durationMillis: number;
}

/** What became of a delivery once its sender was done with it. */
export interface Answer {
  readonly delivery: PlannedDelivery;
  /** The last attempt last; never empty. */
  readonly attempts: readonly Attempt[];
  /** Of the last attempt; absent when that one had no answer. */
  readonly status?: number;
  /** The last answer's body. */
  readonly body: string;
  /** Whether the status is the expected one. */
  readonly asExpected: boolean;
}

/** A change of a source's secret in mid-run. */
export interface Rotation {
  /** The first delivery of the run that is signed with the new secret. */
  readonly atDelivery: number;
  /** The source's key. */
  readonly source: string;
  /** Puts the new secret in place and gives it back; that delivery and all later ones of the source wait for it. */
  rotate(): Promise<string>;
}

/** How a run is sent. */
export interface SendOptions {
  readonly concurrency: number;
  readonly retry: RetryPolicy;
  readonly now: () => Date;
  onAnswer(answer: Answer): void;
  /** Stops the run: `sendTraffic` then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly rotations?: readonly Rotation[];
}

/** What a run came to. */
export interface SendSummary {
  readonly deliveries: number;
  readonly attempts: number;
  readonly asExpected: number;
}

/** Signs and sends every delivery, in their order as far as concurrency allows, and retries as the policy says. */
export async function sendTraffic(
  traffic: Iterable<PlannedDelivery>,
  options: SendOptions,
): Promise<SendSummary> {
  const { concurrency, signal, onAnswer } = options;
  const secretOf = createSecrets(options.rotations ?? []);
  const totals = { deliveries: 0, attempts: 0, asExpected: 0 };
  const sendOne = async (delivery: PlannedDelivery) => {
    const answer = await deliver(delivery, await secretOf(delivery), options);
    totals.deliveries += 1;
    totals.attempts += answer.attempts.length;
    totals.asExpected += answer.asExpected ? 1 : 0;
    onAnswer(answer);
  };
  await pMap(traffic, sendOne, { concurrency, ...(signal && { signal }) });
  return totals;
}

/** A source's secret at a delivery's place in the run; each rotation runs once, when the first delivery needs it. */
function createSecrets(rotations: readonly Rotation[]): (delivery: PlannedDelivery) => Promise<string> {
  const started = new Map<Rotation, Promise<string>>();
  const latestFirst = [...rotations].sort((a, b) => b.atDelivery - a.atDelivery);
  return async ({ index, source }) => {
    const due = latestFirst.find(
      (rotation) => rotation.source === source.key && rotation.atDelivery <= index,
    );
    if (due === undefined) return source.secret;
    const secret = started.get(due) ?? due.rotate();
    started.set(due, secret);
    return secret;
  };
}

async function deliver(delivery: PlannedDelivery, secret: string, options: SendOptions): Promise<Answer> {
  const attempts: Attempt[] = [];
  for (;;) {
    const { attempt, body } = await attemptOnce(delivery, secret, options);
    attempts.push(attempt);
    const delayMillis = options.retry.delaysMillis[attempts.length - 1];
    if (delayMillis === undefined || !isRetried(attempt.outcome)) return answerOf(delivery, attempts, body);
    await sleep(delayMillis, undefined, options.signal && { signal: options.signal });
  }
}

function answerOf(delivery: PlannedDelivery, attempts: readonly Attempt[], body: string): Answer {
  const outcome = attempts.at(-1)?.outcome;
  const asExpected = outcome === delivery.expectation.status;
  return { delivery, attempts, ...(typeof outcome === 'number' && { status: outcome }), body, asExpected };
}

async function attemptOnce(
  delivery: PlannedDelivery,
  secret: string,
  { retry, signal, now }: SendOptions,
): Promise<{ attempt: Attempt; body: string }> {
  const headers = { ...signedHeaders(delivery, secret, now()), 'user-agent': 'aftercall-genesys-simulator' };
  const timeout = AbortSignal.timeout(retry.timeoutMillis);
  const startedAt = performance.now();
  const ended = (outcome: Attempt['outcome'], body: string) => ({
    attempt: { outcome, durationMillis: performance.now() - startedAt },
    body,
  });
  try {
    const response = await fetch(delivery.url, {
      method: 'POST',
      headers,
      body: Buffer.from(delivery.body),
      redirect: 'manual',
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    });
    return ended(response.status, await response.text());
  } catch {
    signal?.throwIfAborted();
    return ended(timeout.aborted ? 'timeout' : 'unreachable', '');
  }
}
