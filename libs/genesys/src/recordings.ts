import { type AnswerFields, answerList } from './answer-fields.ts';
import type { PlatformAnswer } from './judged-answer.ts';

/** `transcoding`: ask again in a while. `not-found`: there are none, or not any more, or not yet. */
export type Recordings =
  | { readonly outcome: 'listed'; readonly recordings: readonly Recording[] }
  | { readonly outcome: 'transcoding' }
  | { readonly outcome: 'not-found' };

export interface Recording {
  readonly id: string | undefined;
  /** The communication id; archived recordings are listed without one. */
  readonly sessionId: string | undefined;
  /** `audio`, `chat`, `message`, `email`, `screen`, … */
  readonly media: string | undefined;
}

/** @throws GenesysAnswerError */
export function recordings(answer: PlatformAnswer): Recordings {
  if (answer.status === 404) return { outcome: 'not-found' };
  if (answer.status === 202) return { outcome: 'transcoding' };
  return { outcome: 'listed', recordings: answerList(answer).map(recording) };
}

function recording(fields: AnswerFields): Recording {
  return { id: fields.text('id'), sessionId: fields.text('sessionId'), media: fields.text('media') };
}
