import Type, { type Static } from 'typebox';
import type { Loose } from './loose.ts';
import { idSchema, labelSchema, timeSchema } from './text.ts';

/** One analytics outcome, as mission dialect `analytics-webhook` sends it and as an event's `data` carries it. */
export const analyticsOutcomeSchema = Type.Object({
  conversationId: idSchema,
  communicationId: Type.Optional(idSchema),
  agentId: Type.Optional(idSchema),
  queueId: Type.Optional(idSchema),
  mediaType: Type.Optional(labelSchema),
  direction: Type.Optional(labelSchema),
  timestamp: timeSchema,
  sentiment: Type.Optional(
    Type.Object({
      overall: Type.Optional(labelSchema),
      score: Type.Optional(Type.Number()),
      trend: Type.Optional(Type.Number()),
      unit: Type.Optional(labelSchema),
    }),
  ),
  empathyScore: Type.Optional(Type.Number()),
  intents: Type.Optional(
    Type.Array(Type.Object({ name: Type.String(), confidence: Type.Optional(Type.Number()) })),
  ),
  keywords: Type.Optional(
    Type.Array(
      Type.Object({
        phrase: Type.String(),
        count: Type.Optional(Type.Number()),
        participant: Type.Optional(labelSchema),
      }),
    ),
  ),
  topics: Type.Optional(Type.Array(Type.String())),
  categories: Type.Optional(Type.Array(Type.String())),
  complianceViolations: Type.Optional(
    Type.Array(
      Type.Object({
        code: Type.Optional(labelSchema),
        category: Type.Optional(labelSchema),
        severity: Type.Optional(labelSchema),
        offsetMs: Type.Optional(Type.Number()),
        phrase: Type.Optional(Type.String()),
      }),
    ),
  ),
  transcript: Type.Optional(
    Type.Object({
      available: Type.Optional(Type.Boolean()),
      communicationId: Type.Optional(idSchema),
      sizeBytes: Type.Optional(Type.Number()),
    }),
  ),
  truncated: Type.Optional(Type.Literal(true)),
});
export type AnalyticsOutcome = Loose<Static<typeof analyticsOutcomeSchema>>;
