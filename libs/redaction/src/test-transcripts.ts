import type { Kind } from './pieces.ts';
import { createRedaction, type TranscriptIdentity } from './redaction.ts';
import { createVocabulary, type VocabularyOptions } from './vocabulary.ts';

export interface TestOptions extends Partial<VocabularyOptions> {
  /** How many bytes come at a time, in turn; all at once when not given. */
  readonly chunkBytes?: readonly number[];
  readonly maxBytes?: number;
}

export interface TestResult {
  readonly text: string;
  readonly counts: Readonly<Record<Kind, number>>;
  readonly identity: TranscriptIdentity;
  readonly phrases: number;
}

/** Redacts a whole document, given as JSON or as its bytes. */
export async function redactDocument(
  document: string | Uint8Array,
  options: TestOptions = {},
): Promise<TestResult> {
  const { terms = [], numberWords = {}, chunkBytes = [], maxBytes = Number.MAX_SAFE_INTEGER } = options;
  const redaction = createRedaction({ vocabulary: createVocabulary({ terms, numberWords }), maxBytes });
  const parts: Buffer[] = [];
  for await (const part of redaction.redact(cut(Buffer.from(document), chunkBytes))) parts.push(part);
  return {
    text: Buffer.concat(parts).toString(),
    counts: redaction.counts(),
    identity: redaction.identity(),
    phrases: redaction.phrases(),
  };
}

function* cut(bytes: Buffer, chunkBytes: readonly number[]): Generator<Buffer> {
  let from = 0;
  for (let turn = 0; from < bytes.length; turn += 1) {
    const length = chunkBytes[turn % chunkBytes.length] ?? bytes.length;
    yield bytes.subarray(from, from + length);
    from += length;
  }
}

/** Redacts what is said in one phrase. */
export async function redactText(text: string, options: TestOptions = {}): Promise<string> {
  const { text: json } = await redactDocument(
    JSON.stringify({ transcripts: [{ phrases: [{ text }] }] }),
    options,
  );
  return stringsOf(json, 'text')[0] ?? '';
}

export interface SpokenPhrase {
  readonly by: 'customer' | 'agent';
  readonly text: string;
}

const PURPOSES = { customer: 'external', agent: 'internal' } as const;

/** A transcript with every phrase in all fields that repeat it. */
export function transcriptOf(phrases: readonly SpokenPhrase[]): string {
  return JSON.stringify({
    conversationId: '47eaa099-2cb6-416d-86dc-283cf0480ff9',
    communicationId: 'f5ec52ed-0108-4475-92e1-bc7656670b14',
    transcripts: [
      {
        phrases: phrases.map(phraseOf),
        analytics: {
          sentiment: phrases.map(({ by, text }) => ({ participant: PURPOSES[by], phrase: text })),
          topics: phrases.map(({ by, text }) => ({ participant: PURPOSES[by], transcriptPhrase: text })),
        },
      },
    ],
  });
}

function phraseOf({ by, text }: SpokenPhrase, phraseIndex: number): object {
  return {
    phraseIndex,
    text,
    decoratedText: `${text}.`,
    words: wordsOf(text),
    alternatives: [{ confidence: 0.4, text, words: wordsOf(text) }],
    participantPurpose: PURPOSES[by],
  };
}

const wordsOf = (text: string): readonly object[] =>
  text.split(' ').map((word, index) => ({ word, confidence: 0.9, startTimeMs: 1795183109000 + index }));

/** Every string that stands under a key, in the document's order. */
export function stringsOf(json: string, field: string): readonly string[] {
  const strings: string[] = [];
  JSON.parse(json, (key, value: unknown) => {
    if (key === field && typeof value === 'string') strings.push(value);
    return value;
  });
  return strings;
}
