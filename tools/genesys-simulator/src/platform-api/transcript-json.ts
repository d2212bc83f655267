import { seededRandom } from '../random.ts';

/** What a transcript is about. */
export interface TranscriptSubject {
  readonly organizationId: string;
  readonly conversationId: string;
  readonly communicationId: string;
  readonly transcriptId: string;
  readonly userId: string;
  readonly queueId: string;
  readonly startedAt: Date;
  /** Size of the JSON; at least `MIN_TRANSCRIPT_BYTES`. */
  readonly bytes: number;
  readonly seed: number;
}

export const MIN_TRANSCRIPT_BYTES = 2_000;

/** What must not be found in a transcript that has been redacted; it is in every transcript that has room for it. */
export const SENSITIVE_WORDS = [
  'four one one one one one one one one one one one one one one one',
  '4111 1111 1111 1111',
  'jane.doe@example.com',
  '+44 20 7946 0958',
] as const;

const PHRASES = [
  'thank you for calling how can i help you today',
  'i want a refund my last bill is wrong',
  'i am sorry about that may i have the card number',
  `it is ${SENSITIVE_WORDS[0]}`,
  `or in digits ${SENSITIVE_WORDS[1]}`,
  `you can write to ${SENSITIVE_WORDS[2]} or call ${SENSITIVE_WORDS[3]}`,
  'grüße aus köln and ¡hola! to everybody',
  'let me look that up for you this may take a moment',
  'your refund has been issued',
  'is there anything else i can do for you',
  'no thank you goodbye',
] as const;

const MILLIS_PER_WORD = 280;

/**
 * A transcript's JSON, piece by piece and to the byte as large as it is asked for, in the form that Genesys Cloud's
 * presigned URLs give. The same subject gives the same bytes.
 */
export function* transcriptJson(subject: TranscriptSubject): Generator<string, void, undefined> {
  const random = seededRandom(subject.seed);
  const tail = tailOf(subject);
  let left = Math.max(subject.bytes, MIN_TRANSCRIPT_BYTES) - Buffer.byteLength(tail);
  const counted = (piece: string): string => {
    left -= Buffer.byteLength(piece);
    return piece;
  };
  yield counted(headOf(subject));
  let startTimeMs = subject.startedAt.getTime();
  for (let index = 0; ; index += 1) {
    // In order first, so that everything sensitive is in a short one too; then at random, for ever.
    const text = PHRASES[index] ?? random.pick(PHRASES);
    const piece = `${index === 0 ? '' : ','}${JSON.stringify(phraseOf(index, text, startTimeMs, () => random.next()))}`;
    if (Buffer.byteLength(piece) > left) break;
    yield counted(piece);
    startTimeMs += text.split(' ').length * MILLIS_PER_WORD + random.between(200, 4_000);
  }
  yield* spaces(left);
  yield tail;
}

/** JSON allows them anywhere between its tokens. */
function* spaces(count: number): Generator<string, void, undefined> {
  if (count > 0) yield ' '.repeat(count);
}

function headOf(subject: TranscriptSubject): string {
  const { organizationId, conversationId, communicationId, transcriptId, userId, queueId, startedAt } =
    subject;
  const startTime = startedAt.getTime();
  const document = {
    organizationId,
    conversationId,
    communicationId,
    mediaType: 'call',
    conversationStartTime: startTime,
    startTime,
    participants: [
      {
        participantPurpose: 'agent',
        userId,
        queueId,
        initialDirection: 'inbound',
        startTimeMs: startTime,
        endTimeMs: startTime + 600_000,
      },
    ],
    transcripts: [{ transcriptId, language: 'en-us', startTime, phrases: [] }],
  };
  return JSON.stringify(document).replace(/\]\}\]\}$/, '');
}

function phraseOf(phraseIndex: number, text: string, startTimeMs: number, random: () => number): object {
  const words = text.split(' ').map((word, index) => ({
    word,
    confidence: Math.round(65 + random() * 33) / 100,
    startTimeMs: startTimeMs + index * MILLIS_PER_WORD,
  }));
  return {
    phraseIndex,
    participantPurpose: phraseIndex % 2 === 0 ? 'internal' : 'external',
    text,
    decoratedText: `${text.charAt(0).toUpperCase()}${text.slice(1)}.`,
    stability: 0.9,
    confidence: 0.86,
    startTimeMs,
    words,
    alternatives: [],
  };
}

function tailOf({ startedAt }: TranscriptSubject): string {
  const startTimeMs = startedAt.getTime();
  const analytics = {
    sentiment: [
      {
        participant: 'external',
        phraseIndex: 1,
        phrase: 'my last bill is wrong',
        sentiment: -1,
        startTimeMs,
      },
    ],
    topics: [
      {
        participant: 'external',
        topicId: '14c7fc1c-85f5-447a-b258-c319f97bf1b8',
        topicName: 'Refund',
        topicPhrase: 'want a refund',
        transcriptPhrase: 'i want a refund',
        confidence: 92,
        startTimeMs,
      },
    ],
    acoustic: [{ eventType: 'silence', startTimeMs, durationMs: 4_000 }],
  };
  return `],"analytics":${JSON.stringify(analytics)}}]}`;
}
