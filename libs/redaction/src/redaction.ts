import { createChannels, endChannels, limitHeld, settledUpTo } from './channels.ts';
import { createJsonScanner, finish, scan } from './json-scanner.ts';
import type { Kind } from './pieces.ts';
import { RedactionError } from './redaction-error.ts';
import { createReplacements, release, replaceMatch } from './replacements.ts';
import { createTranscriptReader, handlerOf } from './transcript-reader.ts';
import { continuesUtf8, createUtf8Check } from './utf8-check.ts';
import type { Vocabulary } from './vocabulary.ts';
import { append, createWindow } from './window.ts';

export interface RedactionOptions {
  readonly vocabulary: Vocabulary;
  /** Of the document as it comes in; what is longer is refused. */
  readonly maxBytes: number;
}

/** What a document says it is the transcript of; undefined until it has said so. */
export interface TranscriptIdentity {
  readonly conversationId: string | undefined;
  readonly communicationId: string | undefined;
}

/** The redaction of one transcript. */
export interface Redaction {
  /**
   * The same document without personal data, to be taken once. What has come out so far must not be kept when it throws.
   *
   * @throws RedactionError, besides whatever the chunks throw
   */
  readonly redact: (chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) => AsyncGenerator<Buffer, void>;
  /** Redacted stretches so far by kind; what is in `text`, `decoratedText` and `words` counts three times. */
  readonly counts: () => Readonly<Record<Kind, number>>;
  readonly identity: () => TranscriptIdentity;
  /** Phrases so far. */
  readonly phrases: () => number;
}

/** A larger chunk is taken in parts, so that memory does not depend on the sender. */
const MAX_STEP_BYTES = 64 * 1024;
/** Less is not worth a chunk of its own, until the end. */
const MIN_RELEASE_BYTES = 32 * 1024;

interface Step {
  readonly take: (bytes: Uint8Array) => Buffer | undefined;
  readonly end: () => Buffer;
}

/** Redacts one transcript while it passes through. */
export function createRedaction({ vocabulary, maxBytes }: RedactionOptions): Redaction {
  const window = createWindow();
  const replacements = createReplacements();
  const channels = createChannels(vocabulary.terms, (kind, pieces) =>
    replaceMatch(replacements, kind, pieces),
  );
  const reader = createTranscriptReader(window, vocabulary, channels);
  const scanner = createJsonScanner(window, handlerOf(reader));
  const utf8 = createUtf8Check();

  const step: Step = {
    take: (bytes) => {
      const length = window.base + window.end;
      if (length + bytes.length > maxBytes) throw new RedactionError('too-large', maxBytes);
      if (!continuesUtf8(utf8, bytes)) throw new RedactionError('invalid-json', length);
      append(window, bytes, replacements.released);
      scan(scanner);
      const read = window.base + window.at;
      limitHeld(channels, read);
      const upTo = settledUpTo(channels, read);
      if (upTo - replacements.released < MIN_RELEASE_BYTES) return undefined;
      return release(replacements, window, upTo);
    },
    end: () => {
      finish(scanner);
      endChannels(channels);
      return release(replacements, window, window.base + window.end);
    },
  };
  return {
    redact: (chunks) => redacted(chunks, step),
    counts: () => ({ ...replacements.counts }),
    identity: () => ({ conversationId: reader.conversationId, communicationId: reader.communicationId }),
    phrases: () => reader.phrases,
  };
}

async function* redacted(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { take, end }: Step,
): AsyncGenerator<Buffer, void> {
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length; from += MAX_STEP_BYTES) {
      const out = take(chunk.subarray(from, from + MAX_STEP_BYTES));
      if (out) yield out;
    }
  }
  yield end();
}
