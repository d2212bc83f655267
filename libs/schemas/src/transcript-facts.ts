import Type, { type Static } from 'typebox';

const conversationId = Type.String({ minLength: 1 });
const communicationId = Type.String({ minLength: 1 });
const count = Type.Integer({ minimum: 0 });

/** `aftercall.transcript.ready`: Genesys Cloud says that a conversation has a transcript, and perhaps of which communication. */
export const transcriptReadySchema = Type.Object({
  conversationId,
  communicationId: Type.Optional(communicationId),
});
export type TranscriptReady = Static<typeof transcriptReadySchema>;

/** `aftercall.transcript.stored`: a transcript is in S3, as JSON in gzip. */
export const transcriptStoredSchema = Type.Object({
  conversationId,
  communicationId,
  bucket: Type.String({ minLength: 1 }),
  key: Type.String({ minLength: 1 }),
  /** Of the object, compressed. */
  bytes: count,
  /** Of the object's bytes, in hex. */
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  phrases: count,
  /** How many texts were replaced, by kind. */
  redactions: Type.Record(Type.String(), count),
});
export type TranscriptStored = Static<typeof transcriptStoredSchema>;

/** `aftercall.transcript.failed`: there will be no transcript, unless somebody asks again. */
export const transcriptFailedSchema = Type.Object({
  conversationId,
  /** Unknown where Genesys Cloud never said which communications there were. */
  communicationId: Type.Optional(communicationId),
  reason: Type.String({ minLength: 1 }),
  attempts: count,
});
export type TranscriptFailed = Static<typeof transcriptFailedSchema>;
