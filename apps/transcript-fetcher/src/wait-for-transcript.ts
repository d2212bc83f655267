import type { Fact, TranscriptRequest } from '@aftercall/schemas';
import { failedFact } from './build-transcript-facts.ts';
import { dayOf, type MissingTranscripts } from './missing-transcripts.ts';

const DAY_MILLIS = 86_400_000;
/** So long the sweep may be out of order before a row is forgotten. */
const SWEEP_SLACK_DAYS = 30;
/** Spreads what came together, as a share of the wait; a visibility lasts at most 11 h 45 min. */
const JITTER = 0.05;

export interface WaitDeps extends MissingTranscripts {
  /** How long to wait after the first answer that it is not ready, after the second, and so on. */
  readonly retryScheduleSeconds: readonly number[];
  /** Counted from the first request. */
  readonly giveUpAfterSeconds: number;
  enqueue(requests: readonly TranscriptRequest[]): Promise<void>;
  publish(facts: readonly Fact[]): Promise<void>;
  random(): number;
  now(): Date;
}

export type Waiting =
  | { readonly result: 'not-ready'; readonly notBefore: string }
  | { readonly result: 'missing' | 'gave-up' };

/**
 * Sees to it that a transcript which is not ready is asked for again: by a message with the next wait in it; after the
 * last, by a row for the daily sweep; and after the last sweep by nobody. Resolves once that is durable.
 */
export async function waitForTranscript(request: TranscriptRequest, deps: WaitDeps): Promise<Waiting> {
  const next = { ...request, notReady: request.notReady + 1 };
  const seconds = deps.retryScheduleSeconds[request.notReady];
  if (seconds !== undefined) {
    const millis = seconds * 1000 * (1 + JITTER * deps.random());
    const notBefore = new Date(deps.now().getTime() + millis).toISOString();
    await deps.enqueue([{ ...next, notBefore }]);
    return { result: 'not-ready', notBefore };
  }
  const giveUpAt = Date.parse(request.requestedAt) + deps.giveUpAfterSeconds * 1000;
  if (deps.now().getTime() >= giveUpAt) {
    await deps.publish([failedFact(request, next.notReady)]);
    await deps.removeMissing(request);
    return { result: 'gave-up' };
  }
  await deps.putMissing(next, new Date(giveUpAt + (SWEEP_SLACK_DAYS + 1) * DAY_MILLIS));
  return { result: 'missing' };
}

/** Whether a row may speak of the request: it has been through the whole schedule. */
export const mayBeMissing = (
  { notReady }: TranscriptRequest,
  { retryScheduleSeconds }: Pick<WaitDeps, 'retryScheduleSeconds'>,
): boolean => notReady > retryScheduleSeconds.length;

/** Asks once more for everything that is missing; answers how much that was. Repeating it asks once more than needed. */
export async function sweepMissing(deps: WaitDeps): Promise<number> {
  const days = Math.ceil((deps.giveUpAfterSeconds * 1000) / DAY_MILLIS) + SWEEP_SLACK_DAYS;
  let asked = 0;
  for (let ago = days; ago >= 0; ago -= 1) {
    const day = dayOf(new Date(deps.now().getTime() - ago * DAY_MILLIS));
    for await (const requests of deps.missingOf(day)) {
      await deps.enqueue(requests);
      asked += requests.length;
    }
  }
  return asked;
}
