// Passes one transcript through the redaction and prints what that took: CPU time or memory, as it is told.
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { createRedaction, createVocabulary } from '@aftercall/redaction';

const MEGABYTE = 1024 * 1024;
const CPU_BYTES = 32 * MEGABYTE;
const MEMORY_BYTES = 200 * MEGABYTE;
/** As the transcript fetcher compresses. */
const GZIP_LEVEL = 6;
/** What a fetch hands on at a time. */
const CHUNK_BYTES = 16 * 1024;

const SENTENCES = [
  'thank you for calling how can i help you today',
  'i want a refund my last bill is wrong and nobody has told me why',
  'i am sorry about that may i have your name and the number of the order',
  'yes of course one moment please it was about two or three weeks ago',
  'your refund has been issued and you will see it on your account in five days',
  'mhm',
];
/** One phrase in forty, which is one or two in a call of five minutes. */
const PERSONAL = [
  `it is four${' one'.repeat(15)} and it expires twelve twenty six`,
  'you can write to john dot doe at example dot com',
  'my number is oh one five one two three four five six seven eight',
];
const PERSONAL_EVERY = 40;

function phraseOf(index: number): string {
  const list = index % PERSONAL_EVERY === 0 ? PERSONAL : SENTENCES;
  const text = list[Math.floor(index / PERSONAL_EVERY + index) % list.length] ?? '';
  const startTimeMs = 1795183100000 + 4000 * index;
  return JSON.stringify({
    phraseIndex: index,
    participantPurpose: index % 2 ? 'external' : 'internal',
    text,
    decoratedText: `${text.charAt(0).toUpperCase()}${text.slice(1)}.`,
    stability: 0.9,
    confidence: 0.86,
    startTimeMs,
    words: text.split(' ').map((word, place) => ({
      word,
      confidence: 0.5 + ((index * 31 + place * 17) % 50) / 100,
      startTimeMs: startTimeMs + 280 * place,
    })),
    alternatives: [],
  });
}

const phrases = Buffer.from(Array.from({ length: 4000 }, (_, index) => `,${phraseOf(index)}`).join(''));

/** One transcript of so many bytes; the same phrases again and again, so that making them costs nothing. */
function* transcript(bytes: number): Generator<Buffer> {
  yield Buffer.from('{"transcripts":[{"phrases":[{}');
  for (let given = 0; given < bytes; given += phrases.length) {
    for (let from = 0; from < phrases.length; from += CHUNK_BYTES) {
      yield phrases.subarray(from, from + CHUNK_BYTES);
    }
  }
  yield Buffer.from(']}]}');
}

const vocabulary = createVocabulary({ terms: ['Jane Smith', 'project falcon'], numberWords: {} });

function redacted(bytes: number): AsyncGenerator<Buffer> {
  return createRedaction({ vocabulary, maxBytes: 2 * bytes }).redact(transcript(bytes));
}

const into = (write: () => void): Writable =>
  new Writable({
    write: (_chunk, _encoding, done) => {
      write();
      done();
    },
  });

const compress = (chunks: Iterable<Buffer> | AsyncIterable<Buffer>, write = () => {}): Promise<void> =>
  pipeline(Readable.from(chunks), createGzip({ level: GZIP_LEVEL }), into(write));

async function drain(chunks: AsyncIterable<Buffer>): Promise<void> {
  for await (const chunk of chunks) if (chunk.length === 0) throw new Error('nothing comes out');
}

/** Megabytes in a second of CPU time, over all threads, so on one core. */
async function megabytesPerSecond(run: (bytes: number) => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await run(CPU_BYTES);
  const { user, system } = process.cpuUsage(before);
  return CPU_BYTES / MEGABYTE / ((user + system) / 1e6);
}

async function speed(): Promise<object> {
  await drain(redacted(CPU_BYTES));
  return {
    redaction: await megabytesPerSecond((bytes) => drain(redacted(bytes))),
    gzip: await megabytesPerSecond((bytes) => compress(transcript(bytes))),
    both: await megabytesPerSecond((bytes) => compress(redacted(bytes))),
  };
}

async function memory(): Promise<object> {
  const before = process.memoryUsage.rss();
  let most = before;
  await compress(redacted(MEMORY_BYTES), () => {
    most = Math.max(most, process.memoryUsage.rss());
  });
  return { grownMegabytes: (most - before) / MEGABYTE };
}

const sample = process.argv[2] === 'memory' ? await memory() : await speed();
process.stdout.write(JSON.stringify(sample));
