import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { MAX_HELD_BYTES, MAX_PHRASES_BETWEEN } from './channels.ts';
import { MAX_LOOK_BYTES } from './participant-look.ts';
import { createRedaction } from './redaction.ts';
import {
  redactDocument,
  redactText,
  type SpokenPhrase,
  stringsOf,
  transcriptOf,
} from './test-transcripts.ts';
import { createVocabulary } from './vocabulary.ts';

const voice = readFileSync(new URL('fixtures/voice.json', import.meta.url), 'utf8');
const customer = (text: string): SpokenPhrase => ({ by: 'customer', text });
const agent = (text: string): SpokenPhrase => ({ by: 'agent', text });

/** Every string of a field, without those of other fields. */
const textsOf = async (phrases: readonly SpokenPhrase[], field: string) =>
  stringsOf((await redactDocument(transcriptOf(phrases))).text, field);
const saidIn = async (phrases: readonly SpokenPhrase[]) => textsOf(phrases, 'decoratedText');

test('a recorded transcript loses the card number in every field, and nothing else', async () => {
  const { text, counts, identity, phrases } = await redactDocument(voice);
  const spoken = `four${' one'.repeat(15)}`;
  const expected = voice
    .replaceAll(spoken, '[card]')
    .replaceAll(spoken.replace('f', 'F'), '[card]')
    .replace(/"word": "(four|one)"/g, '"word": "[card]"');
  expect(text).toBe(expected);
  expect(counts).toEqual({ card: 3, email: 0, phone: 0, term: 0 });
  expect(identity).toEqual({
    conversationId: '47eaa099-2cb6-416d-86dc-283cf0480ff9',
    communicationId: 'f5ec52ed-0108-4475-92e1-bc7656670b14',
  });
  expect(phrases).toBe(6);
});

describe('in every field that bears text', () => {
  const said = 'it is 4111 1111 1111 1111';

  test.each([
    ['text', { phrases: [{ text: said }] }],
    ['decoratedText', { phrases: [{ decoratedText: said }] }],
    ['phrase', { analytics: { sentiment: [{ phrase: said }] } }],
    ['topicPhrase', { analytics: { topics: [{ topicPhrase: said }] } }],
    ['transcriptPhrase', { analytics: { topics: [{ transcriptPhrase: said }] } }],
    ['text', { phrases: [{ alternatives: [{ text: said }] }] }],
    ['anything', { phrases: [{ alternatives: [{ anything: said }] }] }],
    ['0', { phrases: [{ alternatives: [said] }] }],
    ['0', { phrases: [said] }],
    ['words', { phrases: [{ words: said }] }],
    ['text', { text: said }],
  ])('%s of %j', async (field, document) => {
    const { text } = await redactDocument(JSON.stringify(document));
    expect(stringsOf(text, field)).toEqual(['it is [card]']);
  });

  test('also when its key is written with escapes', async () => {
    const { text } = await redactDocument(String.raw`{"te\u0078t":"4111 1111 1111 1111"}`);
    expect(text).toBe(String.raw`{"te\u0078t":"[card]"}`);
  });

  test('word by word', async () => {
    const words = said.split(' ').map((word) => ({ word }));
    const { text, counts } = await redactDocument(JSON.stringify({ phrases: [{ words }] }));
    expect(stringsOf(text, 'word')).toEqual(['it', 'is', '[card]', '[card]', '[card]', '[card]']);
    expect(counts.card).toBe(1);
  });

  test('word by word in an alternative, apart from the other alternatives', async () => {
    const words = (text: string) => text.split(' ').map((word) => ({ word }));
    const alternatives = [{ words: words('4111 1111') }, { words: words('1111 1111') }];
    const { counts } = await redactDocument(JSON.stringify({ phrases: [{ alternatives }] }));
    expect(counts.card).toBe(0);
  });

  test('an e-mail address and a term that run over words', async () => {
    const words = 'mail john dot doe at example dot com to Jane Smith'.split(' ').map((word) => ({ word }));
    const { text } = await redactDocument(JSON.stringify({ phrases: [{ words }] }), {
      terms: ['Jane Smith'],
    });
    expect(stringsOf(text, 'word').join(' ')).toBe(`mail${' [email]'.repeat(7)} to [redacted] [redacted]`);
  });
});

test('what is no text stays, whatever it looks like', async () => {
  const document = JSON.stringify({
    communicationId: '4111111111111111',
    uri: 'https://example.com/4111111111111111?mail=john@example.com',
    participants: [{ ani: 'tel:+4915112345678', userId: '4111-1111-1111-1111' }],
    startTime: 4111111111111111,
    phrases: [
      { phraseIndex: 4111111111111111, participantPurpose: '4111111111111111', type: '+4915112345678' },
    ],
  });
  const { text } = await redactDocument(document);
  expect(text).toBe(document);
});

describe('across the phrases of a participant', () => {
  test('a card number said in two', async () => {
    const kept = await saidIn([customer('it is 4111 1111'), customer('1111 1111 okay bye')]);
    expect(kept).toEqual(['it is [card].', '[card] okay bye.']);
  });

  test('a card number said in four while the agent says yes', async () => {
    const kept = await saidIn([
      customer('four one one one'),
      agent('mhm'),
      customer('double one double one'),
      agent('yes'),
      agent('go on'),
      customer('1111'),
      customer('one one one one thank you'),
    ]);
    expect(kept).toEqual(['[card].', 'mhm.', '[card].', 'yes.', 'go on.', '[card].', '[card] thank you.']);
  });

  test('a card number that the agent repeats group by group', async () => {
    const groups = ['4111', '1111', '1111', '1111'];
    const kept = await saidIn(groups.flatMap((group) => [customer(group), agent(group)]));
    expect(kept).toEqual(
      Array.from(
        groups.flatMap((group) => [group, group]),
        () => '[card].',
      ),
    );
  });

  test('in no other participant’s', async () => {
    const phrases = [customer('4111 1111'), agent('1111 1111')];
    expect(await saidIn(phrases)).toEqual(['[phone].', '[phone].']);
  });

  test.each([
    [
      'an e-mail address',
      ['it is john', 'dot doe at', 'example dot com'],
      ['it is [email].', '[email].', '[email].'],
    ],
    ['a telephone number', ['0151', '234', '5678 please'], ['[phone].', '[phone].', '[phone] please.']],
  ])('%s', async (_case, said, kept) => {
    // The decorated text ends each phrase with a full stop, which parts an address.
    const field = said[0]?.startsWith('it') ? 'text' : 'decoratedText';
    const texts = await textsOf(said.map(customer), field);
    const expected = field === 'text' ? kept.map((text) => text.slice(0, -1)) : kept;
    expect(new Set(texts)).toEqual(new Set(expected));
  });

  test('the participant may be named before the text or behind it', async () => {
    const phrases = [
      { participantPurpose: 'external', text: '4111 1111' },
      { text: '1111 1111', words: [{ participant: 'internal' }], participantPurpose: 'external' },
    ];
    const { text } = await redactDocument(JSON.stringify({ phrases }), { chunkBytes: [1] });
    expect(stringsOf(text, 'text')).toEqual(['[card]', '[card]']);
  });

  test.each([
    [MAX_PHRASES_BETWEEN, '[card]'],
    [MAX_PHRASES_BETWEEN + 1, 'four one one'],
  ])('over %i phrases of others', async (between, kept) => {
    const others = Array.from({ length: between }, () => agent('hello'));
    const said = [customer('four one one'), ...others, customer('one 1111 1111 1111')];
    const { text } = await redactDocument(transcriptOf(said));
    expect(stringsOf(text, 'text')[1]).toBe(kept);
  });
});

describe('a quote of one phrase', () => {
  const phrases = [
    { participantPurpose: 'external', text: 'it is 411111' },
    { participantPurpose: 'external', text: '11111111 11' },
  ];

  test('loses its part of a card number that went over several', async () => {
    const analytics = { topics: [{ participant: 'external', transcriptPhrase: 'it is 411111' }] };
    const { text } = await redactDocument(JSON.stringify({ phrases, analytics }));
    expect(stringsOf(text, 'transcriptPhrase')).toEqual(['it is [card]']);
  });

  test('is no reason to take the same digits out of what is said', async () => {
    const said = [...phrases, { participantPurpose: 'external', text: 'it is 411111' }];
    const { text } = await redactDocument(JSON.stringify({ phrases: said }));
    expect(stringsOf(text, 'text')).toEqual(['it is [card]', '[card]', 'it is 411111']);
  });

  test('keeps the same digits without one', async () => {
    const analytics = { topics: [{ participant: 'external', transcriptPhrase: 'it is 411111' }] };
    const { text } = await redactDocument(JSON.stringify({ phrases: phrases.slice(0, 1), analytics }));
    expect(stringsOf(text, 'transcriptPhrase')).toEqual(['it is 411111']);
  });
});

describe('escapes', () => {
  test.each([
    ['digits', String.raw`\u0034111 1111 1111 111\u0031 ok`, '[card] ok'],
    ['white space', String.raw`4111\n1111\t1111\u00a01111`, '[card]'],
    ['a slash', String.raw`030\/1234567`, '[phone]'],
    ['quotes around', String.raw`say \"4111 1111 1111 1111\"`, String.raw`say \"[card]\"`],
    ['a backslash before', String.raw`\\4111 1111 1111 1111\\`, String.raw`\\[card]\\`],
    [
      'a surrogate pair beside',
      String.raw`\ud83d\ude004111 1111 1111 1111\ud83d\ude00`,
      String.raw`\ud83d\ude00[card]\ud83d\ude00`,
    ],
    ['lone surrogates beside', String.raw`\ud83d4111 1111 1111 1111\ude00`, String.raw`\ud83d[card]\ude00`],
    [
      'a lone surrogate before an escaped digit',
      String.raw`\ud83d\u0034111 1111 1111 1111`,
      String.raw`\ud83d[card]`,
    ],
    ['letters of a word', String.raw`v\u0069er${' eins'.repeat(15)}`, '[card]'],
    ['an @', String.raw`john\u0040example.com`, '[email]'],
  ])('of %s', async (_case, said, kept) => {
    const { text } = await redactDocument(`{"text":"${said}"}`);
    expect(text).toBe(`{"text":"${kept}"}`);
    expect(() => void JSON.parse(text)).not.toThrow();
  });
});

describe('however much there is', () => {
  test('a phrase of a megabyte is searched to its end', async () => {
    const filler = 'and so on '.repeat(100_000);
    expect(await redactText(`${filler}4111 1111 1111 1111`)).toBe(`${filler}[card]`);
  });

  test('a row of digits of any length is redacted as one, without being held', async () => {
    expect(await redactText(`so ${'4111 1111 1111 1111 '.repeat(10_000)}`)).toBe('so [card] ');
    const text = `{"text":"${'4111 1111 1111 1111 '.repeat(50_000)}`;
    const { readBytes } = await readUntilFirst(text);
    expect(readBytes).toBeLessThan(200_000);
  });

  test('a plus at the end of a chunk belongs to the number in the next', async () => {
    const before = `{"filler":"${'x'.repeat(50_000)}","text":"`;
    const chunkBytes = [before.length + 1, 1_000];
    const { text } = await redactDocument(`${before}+4915112345678"}`, { chunkBytes });
    expect(text).toBe(`${before}[phone]"}`);
  });

  test('a word longer than 256 bytes is let through, and what is behind it is searched', async () => {
    const long = 'a'.repeat(257);
    expect(await redactText(`${long} 4111 1111 1111 1111`)).toBe(`${long} [card]`);
    expect(await redactText(`${long}@example.com`)).toBe(`${long}@example.com`);
  });

  test.each([
    ['just so much that it is held back', MAX_HELD_BYTES - 1000, '[card]'],
    ['more than is held back', MAX_HELD_BYTES + 1000, '4111 11'],
  ])('between two parts of a number lies %s', async (_case, bytes, kept) => {
    const phrases = [{ text: '4111 11', engine: 'x'.repeat(bytes) }, { text: '11 1111 1111' }];
    const { text } = await redactDocument(JSON.stringify({ phrases }), { chunkBytes: [50_000] });
    expect(stringsOf(text, 'text')[0]).toBe(kept);
  });

  test.each([
    ['early enough', MAX_LOOK_BYTES - 1000, '[card]'],
    ['too late', MAX_LOOK_BYTES + 1000, '4111 11'],
  ])('a participant is named %s', async (_case, bytes, kept) => {
    const phrases = [
      { participantPurpose: 'external', text: '4111 11' },
      { text: '11 1111 1111', engine: 'x'.repeat(bytes), participantPurpose: 'external' },
    ];
    const { text } = await redactDocument(JSON.stringify({ phrases }), { chunkBytes: [50_000] });
    expect(stringsOf(text, 'text')[0]).toBe(kept);
  });

  test('the first bytes come out before the last go in', async () => {
    const document = transcriptOf(Array.from({ length: 500 }, () => customer('i want a refund')));
    const { firstBytes, readBytes } = await readUntilFirst(document);
    expect(firstBytes).toBeGreaterThan(0);
    expect(readBytes).toBeLessThan(100_000);
  });
});

/** How much of a document must be read, in chunks of 1,000 bytes, until something comes out. */
async function readUntilFirst(document: string): Promise<{ firstBytes: number; readBytes: number }> {
  let readBytes = 0;
  function* chunks() {
    for (; readBytes < document.length; readBytes += 1_000) {
      yield Buffer.from(document.slice(readBytes, readBytes + 1_000));
    }
  }
  const vocabulary = createVocabulary({ terms: [], numberWords: {} });
  const { redact } = createRedaction({ vocabulary, maxBytes: document.length });
  for await (const part of redact(chunks())) return { firstBytes: part.length, readBytes };
  return { firstBytes: 0, readBytes };
}

describe('counts', () => {
  test('each kind, a match over several strings once', async () => {
    const said = [customer('4111 1111'), customer('1111 1111 to john@example.com or +4915112345678')];
    const phrases = said.map(({ text }) => ({ text }));
    const { counts } = await redactDocument(JSON.stringify({ phrases }), { terms: ['or'] });
    expect(counts).toEqual({ card: 1, email: 1, phone: 1, term: 1 });
  });
});
