import Type, { type Static } from 'typebox';
import { timeSchema } from './text.ts';

const kindSchema = Type.Union([Type.Literal('dead'), Type.Literal('quarantine'), Type.Literal('archive')]);
const wordSchema = Type.String({ minLength: 1, maxLength: 1024 });
/** A replay's name becomes a message attribute and part of a deduplication id. */
const runSchema = Type.String({ pattern: '^[\\w.:#-]{1,128}$' });

/** Which entries of set-aside are meant: all that fit every one of these. */
export const setAsideSelectionSchema = Type.Object(
  {
    kinds: Type.Array(kindSchema, { minItems: 1, maxItems: 3 }),
    ids: Type.Optional(Type.Array(wordSchema, { minItems: 1, maxItems: 100 })),
    reason: Type.Optional(wordSchema),
    conversationId: Type.Optional(wordSchema),
    since: Type.Optional(timeSchema),
    until: Type.Optional(timeSchema),
  },
  { additionalProperties: false },
);
export type SetAsideTaskSelection = Static<typeof setAsideSelectionSchema>;

/** The consumers that have claims to be forgotten. */
export const claimingConsumerSchema = Type.Union([
  Type.Literal('processor'),
  Type.Literal('transcript-fetcher'),
]);
export type ClaimingConsumer = Static<typeof claimingConsumerSchema>;

/** What a review carries from step to step: pointers, no letters. */
export const reviewPointerSchema = Type.Object({
  id: runSchema,
  reason: wordSchema,
  since: timeSchema,
  until: timeSchema,
});
export type ReviewPointer = Static<typeof reviewPointerSchema>;

/** What a person answered. */
export const reviewDecisionSchema = Type.Object({
  decision: Type.Union([Type.Literal('replay'), Type.Literal('discard')]),
  by: wordSchema,
  reason: Type.Optional(wordSchema),
});
export type ReviewDecision = Static<typeof reviewDecisionSchema>;

/** Sends again what was set aside. */
export const replayTaskSchema = Type.Object(
  {
    task: Type.Literal('replay'),
    run: runSchema,
    by: wordSchema,
    reason: Type.Optional(wordSchema),
    selection: setAsideSelectionSchema,
    /** Says what would happen, and does nothing. */
    dryRun: Type.Optional(Type.Boolean()),
    /** Also what is done already, by another run. */
    again: Type.Optional(Type.Boolean()),
    /** Forgets this consumer's claim first, so that the effect comes once more. */
    force: Type.Optional(claimingConsumerSchema),
    ratePerSecond: Type.Optional(Type.Number({ minimum: 0.1, maximum: 1000 })),
  },
  { additionalProperties: false },
);
export type ReplayTask = Static<typeof replayTaskSchema>;

/** Gives up what was set aside, for good. */
export const discardTaskSchema = Type.Object(
  {
    task: Type.Literal('discard'),
    by: wordSchema,
    reason: wordSchema,
    selection: setAsideSelectionSchema,
    dryRun: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type DiscardTask = Static<typeof discardTaskSchema>;

/** Everything that the function does when it is called, and not fed from a queue. */
export const setAsideTaskSchema = Type.Union([
  replayTaskSchema,
  discardTaskSchema,
  Type.Object({ task: Type.Literal('drain') }, { additionalProperties: false }),
  Type.Object({ task: Type.Literal('group'), execution: wordSchema }, { additionalProperties: false }),
  Type.Object(
    { task: Type.Literal('notify'), review: reviewPointerSchema, taskToken: Type.String({ minLength: 1 }) },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      task: Type.Union([Type.Literal('replay'), Type.Literal('discard')]),
      review: reviewPointerSchema,
      decision: reviewDecisionSchema,
    },
    { additionalProperties: false },
  ),
  Type.Object(
    { task: Type.Literal('escalate'), review: reviewPointerSchema, cause: wordSchema },
    { additionalProperties: false },
  ),
]);
export type SetAsideTask = Static<typeof setAsideTaskSchema>;

/** `aftercall.review.requested` / `.escalated`: somebody must look at dead letters. */
export const reviewChangedSchema = Type.Object({
  review: runSchema,
  reason: wordSchema,
  letters: Type.Integer({ minimum: 0 }),
  since: timeSchema,
  until: timeSchema,
  /** Why it is escalated: nobody decided in time, or what was decided could not be done. */
  cause: Type.Optional(wordSchema),
});
export type ReviewChanged = Static<typeof reviewChangedSchema>;
