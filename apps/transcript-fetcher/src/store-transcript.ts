import { PermanentError } from '@aftercall/queue';
import {
  createRedaction,
  RedactionError,
  type TranscriptIdentity,
  type Vocabulary,
} from '@aftercall/redaction';
import { gzipObject } from './gzip-object.ts';
import type { ObjectWriter, WrittenObject } from './object-writer.ts';
import { DownloadError } from './transcript-errors.ts';
import { type CommunicationRequest, transcriptKey } from './transcript-names.ts';

export interface StoreDeps {
  readonly vocabulary: Vocabulary;
  /** Of the transcript as it is read, decompressed. */
  readonly maxTranscriptBytes: number;
  openTranscriptObject(key: string, signal: AbortSignal): ObjectWriter;
  /** Undefined where originals are not kept. */
  readonly openOriginalObject: ((key: string, signal: AbortSignal) => ObjectWriter) | undefined;
}

/** A transcript that can be seen now. */
export interface StoredTranscript extends WrittenObject {
  readonly key: string;
  readonly phrases: number;
  readonly redactions: Readonly<Record<string, number>>;
}

/**
 * Redacts and compresses a transcript while it is read, and makes it visible once it is known to be whole and the
 * right one. The original, where it is kept, is written from the same bytes.
 *
 * @param signal ends it, with its own reason
 * @throws PermanentError, DownloadError, and whatever body and objects throw; nothing is visible then
 */
export async function storeTranscript(
  request: CommunicationRequest,
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  deps: StoreDeps,
): Promise<StoredTranscript> {
  const key = transcriptKey(request);
  const { vocabulary, maxTranscriptBytes: maxBytes } = deps;
  const { redact, counts, identity, phrases } = createRedaction({ vocabulary, maxBytes });
  const redacted = gzipObject(deps.openTranscriptObject(key, signal));
  const original = deps.openOriginalObject && gzipObject(deps.openOriginalObject(key, signal));
  try {
    for await (const chunk of redact(copied(body, original))) await redacted.write(chunk);
    assertAskedFor(identity(), request);
    await original?.commit();
    const written = await redacted.commit();
    return { ...written, key, phrases: phrases(), redactions: counts() };
  } catch (error) {
    // What could not be aborted is invisible all the same.
    await Promise.allSettled([redacted.abort(), original?.abort()]);
    signal.throwIfAborted();
    throw inOurTerms(error);
  }
}

async function* copied(
  body: AsyncIterable<Uint8Array>,
  original: ObjectWriter | undefined,
): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of body) {
    await original?.write(chunk);
    yield chunk;
  }
}

/** A document that does not say whose it is could be anybody's. */
function assertAskedFor(is: TranscriptIdentity, asked: CommunicationRequest): void {
  const isRight =
    is.conversationId === asked.conversationId &&
    (is.communicationId === undefined || is.communicationId === asked.communicationId);
  if (!isRight) throw new PermanentError('effect-refused', 'the transcript is that of another communication');
}

/** What ends too early may be whole the next time; what is wrong in the middle will not be. */
function inOurTerms(error: unknown): unknown {
  if (!(error instanceof RedactionError)) return error;
  if (error.code === 'truncated') return new DownloadError(error.message, { cause: error });
  return new PermanentError('effect-refused', error.message, { cause: error });
}
