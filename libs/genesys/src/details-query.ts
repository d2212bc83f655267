import { answerFields } from './answer-fields.ts';
import { conversation, type Conversation } from './conversation.ts';
import type { PlatformAnswer } from './judged-answer.ts';

/** Which conversations: those that have ended. What the interval means differs, see the calls. */
export interface DetailsFilter {
  readonly from: Date;
  readonly to: Date;
  /** `voice`, `chat`, `message`, …; any of these. Empty: all. */
  readonly mediaTypes: readonly string[];
}

/** A page of the query; pages count from 1. */
export interface DetailsPage {
  readonly conversations: readonly Conversation[];
  /** On all pages together; grows while conversations end. */
  readonly totalHits: number;
}

/** The most that the query gives at once. */
export const MAX_QUERY_PAGE_SIZE = 100;

/** Everything of the body that the query and the job have in common. */
export function detailsFilterBody({ from, to, mediaTypes }: DetailsFilter): object {
  const predicates = mediaTypes.map((value) => ({
    type: 'dimension',
    dimension: 'mediaType',
    operator: 'matches',
    value,
  }));
  return {
    interval: `${from.toISOString()}/${to.toISOString()}`,
    order: 'asc',
    orderBy: 'conversationStart',
    conversationFilters: [
      {
        type: 'and',
        predicates: [{ type: 'dimension', dimension: 'conversationEnd', operator: 'exists' }],
      },
    ],
    ...(predicates.length > 0 && { segmentFilters: [{ type: 'or', predicates }] }),
  };
}

/** @throws GenesysAnswerError */
export function detailsPage(answer: PlatformAnswer): DetailsPage {
  const fields = answerFields(answer);
  // A page without conversations has no such member.
  const conversations = fields.list('conversations').map(conversation);
  return { conversations, totalHits: fields.number('totalHits') ?? conversations.length };
}
