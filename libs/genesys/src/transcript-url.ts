import { answerFields } from './answer-fields.ts';
import { GenesysAnswerError } from './platform-errors.ts';
import type { PlatformAnswer } from './judged-answer.ts';

/**
 * Where a transcript is. The URL is a key to it for ten minutes: fetch it at once, without the bearer token, and
 * write it nowhere. `not-ready` may become ready after minutes, hours or days, or never.
 */
export type TranscriptUrl =
  | { readonly outcome: 'ready'; readonly url: string }
  | { readonly outcome: 'not-ready' };

/** @throws GenesysAnswerError */
export function transcriptUrl(answer: PlatformAnswer): TranscriptUrl {
  if (answer.status === 404 || answer.status === 202) return { outcome: 'not-ready' };
  const url = answerFields(answer).requiredText('url');
  if (!URL.canParse(url)) throw new GenesysAnswerError(answer.call, 'was answered with a URL that is none');
  return { outcome: 'ready', url };
}
