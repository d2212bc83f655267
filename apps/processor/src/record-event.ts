import { isDeepStrictEqual } from 'node:util';
import { type EventEnvelope, type Fact, isOutcome } from '@aftercall/schemas';
import { buildFacts } from './build-facts.ts';
import { type Conversation, isLate, mergeConversation } from './merge-conversation.ts';
import { normalizeOutcome, type SentimentMeaning } from './normalize-outcome.ts';
import type { Recorded } from './process-message.ts';

/** Two workers on one conversation are rare (its message group is one at a time); five losses in a row mean something else. */
const MERGE_ATTEMPTS = 5;

/** A conversation and the revision it was read at; 0 when there is none yet. */
export interface Revised {
  readonly conversation: Conversation | undefined;
  readonly revision: number;
}

export interface RecordDeps extends SentimentMeaning {
  readConversation(key: string): Promise<Revised>;
  /** Writes the conversation unless its revision has moved on. */
  writeConversation(conversation: Conversation, readRevision: number): Promise<'written' | 'moved-on'>;
  publish(facts: readonly Fact[]): Promise<void>;
  readonly defaultOrg: string;
  readonly rawPayload: 'stored' | 'dropped';
}

/** Merges the event into its conversation and publishes what follows from it. Repeating it repeats the same facts. */
export async function recordEvent(envelope: EventEnvelope, deps: RecordDeps): Promise<Recorded> {
  const outcome = isOutcome(envelope) ? normalizeOutcome(envelope, deps) : undefined;
  const rawPayload = deps.rawPayload === 'stored' ? JSON.stringify(envelope.data) : undefined;
  const key = envelope.org === deps.defaultOrg ? envelope.subject : `${envelope.org}/${envelope.subject}`;
  const conversation = await project({ key, envelope, outcome, rawPayload }, deps);
  await deps.publish(buildFacts(envelope, conversation, outcome));
  return { late: isLate(conversation, envelope), ...(outcome && { violations: outcome.violation_count }) };
}

async function project(
  observation: Parameters<typeof mergeConversation>[1],
  deps: RecordDeps,
): Promise<Conversation> {
  for (let attempt = 1; attempt <= MERGE_ATTEMPTS; attempt += 1) {
    const { conversation, revision } = await deps.readConversation(observation.key);
    const merged = mergeConversation(conversation, observation);
    if (isDeepStrictEqual(merged, conversation)) return merged;
    if ((await deps.writeConversation(merged, revision)) === 'written') return merged;
  }
  throw new Error('the conversation kept moving on under the merge');
}
