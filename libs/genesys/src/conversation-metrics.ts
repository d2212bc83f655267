import { type AnswerFields, answerFields } from './answer-fields.ts';
import type { PlatformAnswer } from './judged-answer.ts';

/** What speech and text analytics found out about a conversation. Scores are as Genesys Cloud sends them. */
export interface ConversationMetrics {
  readonly conversationId: string | undefined;
  /** −1 … +1 in this API, by all that is known. */
  readonly sentimentScore: number | undefined;
  readonly sentimentTrend: number | undefined;
  /** `NotCalculated`, `Declining`, `SlightlyDeclining`, `NoChange`, `SlightlyImproving`, `Improving`, or a later one. */
  readonly sentimentTrendClass: string | undefined;
  readonly empathyScores: readonly EmpathyScore[];
}

export interface EmpathyScore {
  readonly userId: string | undefined;
  readonly score: number | undefined;
}

/** @throws GenesysAnswerError */
export function conversationMetrics(answer: PlatformAnswer): ConversationMetrics {
  const fields = answerFields(answer);
  return {
    conversationId: fields.fields('conversation').text('id'),
    sentimentScore: fields.number('sentimentScore'),
    sentimentTrend: fields.number('sentimentTrend'),
    sentimentTrendClass: fields.text('sentimentTrendClass'),
    empathyScores: fields.list('empathyScores').map(empathyScore),
  };
}

function empathyScore(fields: AnswerFields): EmpathyScore {
  return { userId: fields.text('userId'), score: fields.number('score') };
}
