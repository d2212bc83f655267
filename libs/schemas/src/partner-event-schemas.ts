// Apart from the adapter, because the compiled validators that it uses are made from these.
import Type, { type Static } from 'typebox';
import type { Loose } from './loose.ts';
import { idSchema, labelSchema, timeSchema } from './text.ts';

/** Genesys Cloud writes some fields that it has nothing for as null and leaves others out. */
const maybe = <T extends Type.TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));
const idsSchema = maybe(Type.Array(idSchema));

/** Milliseconds since 1970, as far as a date reaches. */
const epochMillisSchema = Type.Number({ minimum: 0, maximum: 8.64e15 });

/**
 * An event of the partner `genesys.com` as EventBridge hands it on, as far as all topics are alike.
 * @see https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
 */
export const partnerEventSchema = Type.Object({
  /** The same on every redelivery. */
  id: idSchema,
  source: Type.String({ minLength: 1, maxLength: 256 }),
  /** The topic, with `{id}` as it stands in the list of topics. */
  'detail-type': labelSchema,
  time: timeSchema,
  detail: Type.Object({ timestamp: maybe(timeSchema), eventBody: Type.Object({}) }),
});
export type PartnerEvent = Static<typeof partnerEventSchema>;

const about = {
  conversationId: idSchema,
  eventTime: Type.Optional(Type.Union([epochMillisSchema, timeSchema, Type.Null()])),
};

/** `v2.detail.events.conversation.{id}.*`; whatever else is in them may be personal, and is left behind. */
export const partnerDetailSchema = Type.Object({
  ...about,
  mediaType: maybe(labelSchema),
  direction: maybe(labelSchema),
  userId: maybe(idSchema),
  externalContactId: maybe(idSchema),
});
export type PartnerDetail = Loose<Static<typeof partnerDetailSchema>>;

/** `v2.speechandtextanalytics.conversation.{id}.sentiment` */
export const partnerSentimentSchema = Type.Object({
  ...about,
  queueIds: idsSchema,
  sentimentOverallScore: Type.Union([Type.Number(), Type.Null()]),
  sentimentTrendScore: maybe(Type.Number()),
});
export type PartnerSentiment = Loose<Static<typeof partnerSentimentSchema>>;

/** `v2.speechandtextanalytics.conversation.{id}.topics` */
export const partnerTopicsSchema = Type.Object({
  ...about,
  communicationId: maybe(idSchema),
  transcriptId: maybe(idSchema),
  mediaType: maybe(labelSchema),
  topics: Type.Array(Type.Object({ topicId: maybe(idSchema), topicName: maybe(Type.String()) })),
  participants: maybe(
    Type.Array(
      Type.Object({ purpose: maybe(labelSchema), userId: maybe(idSchema), queueId: maybe(idSchema) }),
    ),
  ),
});
export type PartnerTopics = Loose<Static<typeof partnerTopicsSchema>>;

/** `v2.speechandtextanalytics.conversation.{id}.empathy` */
export const partnerEmpathySchema = Type.Object({
  ...about,
  queueIds: idsSchema,
  agents: Type.Array(Type.Object({ agentId: maybe(idSchema), overallEmpathyScore: maybe(Type.Number()) })),
});
export type PartnerEmpathy = Loose<Static<typeof partnerEmpathySchema>>;

/** `v2.speechandtextanalytics.conversations.{id}.categories` */
export const partnerCategoriesSchema = Type.Object({
  ...about,
  mediaType: maybe(labelSchema),
  categoryIds: Type.Array(idSchema),
});
export type PartnerCategories = Loose<Static<typeof partnerCategoriesSchema>>;

/** `v2.conversations.{id}.transcription`; the words that are in it are left behind. */
export const partnerTranscriptionSchema = Type.Object({
  ...about,
  communicationId: maybe(idSchema),
  status: maybe(Type.Object({ status: maybe(labelSchema) })),
});
export type PartnerTranscription = Loose<Static<typeof partnerTranscriptionSchema>>;
