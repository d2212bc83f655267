import Type, { type Static } from 'typebox';
import { OUTCOME_RECORDED_TYPE } from './constants.ts';
import { idSchema, timeSchema } from './text.ts';

/** A wish for the transcript of one communication, or of all of a conversation, as it waits in the transcript queue. */
export const transcriptRequestSchema = Type.Object({
  org: idSchema,
  conversationId: idSchema,
  /** Without one, Genesys Cloud must be asked which communications there were. */
  communicationId: Type.Optional(idSchema),
  /** The time of the event that said there is a transcript. */
  eventTime: timeSchema,
  /** When it was first asked for; decides for how long it is waited for. */
  requestedAt: timeSchema,
  /** How often Genesys Cloud has said that it is not there yet. */
  notReady: Type.Integer({ minimum: 0 }),
  /** Nobody is asked before then. */
  notBefore: Type.Optional(timeSchema),
  /** The replay that asks again: its attempts count from 1. */
  replayRun: Type.Optional(idSchema),
});
export type TranscriptRequest = Static<typeof transcriptRequestSchema>;

/** A message that the transcript fetcher sends to itself, by its envelope `{"transcript": …}`. */
export const transcriptContinuationSchema = Type.Object({ transcript: transcriptRequestSchema });
export type TranscriptContinuation = Static<typeof transcriptContinuationSchema>;

/** The schedule's message: everything that is missing is to be asked for again. */
export const transcriptSweepSchema = Type.Object({ sweep: Type.Literal('daily') });
export type TranscriptSweep = Static<typeof transcriptSweepSchema>;

const factFields = { org: idSchema, time: timeSchema };

/** The two facts that ask for a transcript, as far as they are needed: what else a fact holds may change. */
export const transcriptFactEventSchema = Type.Object({
  detail: Type.Union([
    Type.Object({
      ...factFields,
      type: Type.Literal(OUTCOME_RECORDED_TYPE),
      data: Type.Object({
        conversation_id: idSchema,
        has_transcript: Type.Boolean(),
        transcript_communication_id: Type.Union([idSchema, Type.Null()]),
      }),
    }),
    Type.Object({
      ...factFields,
      type: Type.Literal('aftercall.transcript.ready'),
      data: Type.Object({ conversationId: idSchema, communicationId: Type.Optional(idSchema) }),
    }),
  ]),
});
export type TranscriptFactEvent = Static<typeof transcriptFactEventSchema>;
