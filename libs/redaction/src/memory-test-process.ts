// Redacts and compresses a transcript as long as it is told to, and prints by how many bytes the process grew.
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { createRedaction } from './redaction.ts';
import { createVocabulary } from './vocabulary.ts';

const bytes = Number(process.argv[2]);

function* transcript(): Generator<Buffer> {
  yield Buffer.from('{"transcripts":[{"phrases":[{}');
  const phrases = Buffer.from(Array.from({ length: 100 }, (_, index) => `,${phrase(index)}`).join(''));
  for (let given = 0; given < bytes; given += phrases.length) yield phrases;
  yield Buffer.from(']}]}');
}

function phrase(index: number): string {
  const text = index % 10 === 0 ? `four${' one'.repeat(15)}` : 'i want a refund my last bill is wrong';
  const words = text
    .split(' ')
    .map((word) => ({ word, confidence: 0.9, startTimeMs: 1795183109000 + index }));
  return JSON.stringify({ participantPurpose: index % 2 ? 'external' : 'internal', text, words });
}

const before = process.memoryUsage.rss();
let most = before;
const target = new Writable({
  write: (_chunk, _encoding, done) => {
    most = Math.max(most, process.memoryUsage.rss());
    done();
  },
});
const vocabulary = createVocabulary({ terms: ['Jane Smith'], numberWords: {} });
const redaction = createRedaction({ vocabulary, maxBytes: 2 * bytes });
await pipeline(transcript, redaction.redact, createGzip({ level: 6 }), target);
process.stdout.write(JSON.stringify({ grownBytes: most - before, counts: redaction.counts() }));
