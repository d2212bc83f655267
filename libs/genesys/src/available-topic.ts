import { type AnswerFields, answerFields } from './answer-fields.ts';
import type { PlatformAnswer } from './judged-answer.ts';

/** A topic that Genesys Cloud can send, and how. */
export interface AvailableTopic {
  /** With a literal `{id}` in it. */
  readonly id: string;
  /** `All`, `Websocket`, `EventBridge`, `ProcessAutomation`, or a later one. */
  readonly transports: readonly string[];
  readonly requiresPermissions: readonly string[];
}

/** @throws GenesysAnswerError */
export function availableTopics(answer: PlatformAnswer): readonly AvailableTopic[] {
  return answerFields(answer).list('entities').map(availableTopic);
}

function availableTopic(fields: AnswerFields): AvailableTopic {
  return {
    id: fields.requiredText('id'),
    transports: fields.texts('transports'),
    requiresPermissions: fields.texts('requiresPermissions'),
  };
}
