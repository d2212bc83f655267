import { answerFields } from './answer-fields.ts';
import { conversation, type Conversation } from './conversation.ts';
import { GenesysAnswerError } from './platform-errors.ts';
import type { PlatformAnswer } from './judged-answer.ts';

/** How far a details job is. A state that we do not know counts as `PENDING`: it may still come to an end. */
export interface DetailsJob {
  readonly state: 'QUEUED' | 'PENDING' | 'FULFILLED' | 'FAILED' | 'CANCELLED' | 'EXPIRED';
  /** Genesys Cloud's own words about a failure. */
  readonly errorMessage: string | undefined;
}

/** A page of a job's results. */
export interface DetailsJobResults {
  readonly conversations: readonly Conversation[];
  /** For the next page; undefined on the last. */
  readonly cursor: string | undefined;
  /** Later conversations are not in the data lake yet. */
  readonly dataAvailableUntil: Date | undefined;
}

const STATES: ReadonlyMap<string | undefined, DetailsJob['state']> = new Map(
  (['QUEUED', 'PENDING', 'FULFILLED', 'FAILED', 'CANCELLED', 'EXPIRED'] as const).map((state) => [
    state,
    state,
  ]),
);

/** @throws GenesysAnswerError */
export function detailsJob(answer: PlatformAnswer): DetailsJob {
  const fields = answerFields(answer);
  const state = fields.requiredText('state').toUpperCase();
  return { state: STATES.get(state) ?? 'PENDING', errorMessage: fields.text('errorMessage') };
}

/** @throws GenesysAnswerError, also for a cursor that leads nowhere but to the same page */
export function detailsJobResults(answer: PlatformAnswer, asked: string | undefined): DetailsJobResults {
  const fields = answerFields(answer);
  const cursor = fields.text('cursor');
  if (cursor !== undefined && cursor === asked)
    throw new GenesysAnswerError(answer.call, 'was answered with the cursor that was asked for');
  return {
    conversations: fields.list('conversations').map(conversation),
    cursor,
    dataAvailableUntil: fields.date('dataAvailabilityDate'),
  };
}
