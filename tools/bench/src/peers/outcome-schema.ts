// The analytics dialect as far as our own schema checks it, for the peers that take Zod.
import { z } from 'zod';

const outcomeSchema = z.looseObject({
  conversationId: z.string().min(1),
  communicationId: z.string().optional(),
  agentId: z.string().optional(),
  queueId: z.string().optional(),
  mediaType: z.string().optional(),
  direction: z.string().optional(),
  timestamp: z.iso.datetime(),
  sentiment: z
    .looseObject({
      overall: z.string().optional(),
      score: z.number().optional(),
      trend: z.number().optional(),
    })
    .optional(),
  intents: z.array(z.looseObject({ name: z.string(), confidence: z.number().optional() })).optional(),
  keywords: z.array(z.looseObject({ phrase: z.string(), count: z.number().optional() })).optional(),
  topics: z.array(z.string()).optional(),
  categories: z.array(z.string()).optional(),
  complianceViolations: z
    .array(
      z.looseObject({
        code: z.string(),
        category: z.string().optional(),
        severity: z.string().optional(),
        offsetMs: z.number().optional(),
      }),
    )
    .optional(),
});

export const deliverySchema = z.looseObject({
  webhookEventId: z.string().min(1),
  timestamp: z.iso.datetime(),
  data: z.union([outcomeSchema, z.array(outcomeSchema).min(1)]),
});

export const queuedOutcomeSchema = outcomeSchema.extend({ eventId: z.string().min(1) });

export type Outcome = z.infer<typeof outcomeSchema>;
export type QueuedOutcome = z.infer<typeof queuedOutcomeSchema>;
