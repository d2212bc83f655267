import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { redactDocument, type SpokenPhrase, stringsOf, transcriptOf } from './test-transcripts.ts';

/** Its own, so that a mistake in the code is not repeated here. */
function checkDigitFor(digits: readonly number[]): number {
  const sum = digits
    .toReversed()
    .map((digit, index) => (index % 2 === 0 ? ([0, 2, 4, 6, 8, 1, 3, 5, 7, 9][digit] ?? 0) : digit))
    .reduce((total, digit) => total + digit, 0);
  return (10 - (sum % 10)) % 10;
}

const cardNumbers = fc
  .array(fc.integer({ min: 0, max: 9 }), { minLength: 12, maxLength: 18 })
  .map((digits) => [...digits, checkDigitFor(digits)]);

const ENGLISH = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const GERMAN = ['null', 'eins', 'zwei', 'drei', 'vier', 'fünf', 'sechs', 'sieben', 'acht', 'neun'];
const TENS = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];

type Form = 'digits' | 'english' | 'german' | 'multiples' | 'tens' | 'capitals';
const forms = fc.constantFrom<Form>('digits', 'english', 'german', 'multiples', 'tens', 'capitals');

/** One group of digits as it may be said or written. */
function say(digits: readonly number[], form: Form): string {
  const [first = 0, second = 0] = digits;
  const isSame = digits.length > 1 && new Set(digits).size === 1;
  switch (form) {
    case 'english':
      return digits.map((digit) => ENGLISH[digit]).join(' ');
    case 'capitals':
      return digits.map((digit) => (digit === 0 ? 'OH' : ENGLISH[digit]?.toUpperCase())).join(' ');
    case 'german':
      return digits.map((digit) => GERMAN[digit]).join(' ');
    case 'multiples':
      return isSame && digits.length < 4
        ? `${digits.length === 2 ? 'double' : 'triple'} ${ENGLISH[first]}`
        : digits.join('');
    case 'tens':
      return digits.length === 2 && first > 1 && second > 0
        ? `${TENS[first]}-${ENGLISH[second]}`
        : digits.join('');
    case 'digits':
      return digits.join('');
  }
}

/** A card number cut into groups, each with its own form and with what is said behind it. */
const saidCards = cardNumbers.chain((digits) =>
  fc
    .array(
      fc.record({
        length: fc.integer({ min: 1, max: 6 }),
        form: forms,
        joint: fc.constantFrom(' ', ' ', '-', '.', ', ', ' uh ', ' and ', '\u00a0', '\n'),
      }),
      { minLength: digits.length, maxLength: digits.length },
    )
    .map((groups) => {
      const said: string[] = [];
      let from = 0;
      for (const { length, form, joint } of groups) {
        if (from >= digits.length) break;
        const isLast = from + length >= digits.length;
        said.push(say(digits.slice(from, from + length), form) + (isLast ? '' : joint));
        from += length;
      }
      return said;
    }),
);

const noise = fc
  .array(
    fc.constantFrom('hello', 'my', 'card', 'is', 'it', 'thanks', 'grüße', '日本', 'says', '"ok"', 'C:\\dir'),
    {
      maxLength: 4,
    },
  )
  .map((words) => words.join(' '));

/** A conversation in which the customer says a card number over one to four phrases, the agent putting in a word. */
const conversations = fc
  .record({
    groups: saidCards,
    cuts: fc.array(fc.nat(20), { maxLength: 3 }),
    before: noise,
    after: noise,
    between: fc.array(fc.constantFrom('mhm', 'yes', '1234', 'four one'), { maxLength: 3 }),
    rest: fc.array(fc.record({ by: fc.constantFrom('customer', 'agent'), text: noise }), { maxLength: 3 }),
  })
  .map(({ groups, cuts, before, after, between, rest }): SpokenPhrase[] => {
    const places = [...new Set(cuts.map((cut) => cut % groups.length))].sort((one, other) => one - other);
    const parts = [0, ...places].map((from, index) => groups.slice(from, places[index]).join(''));
    const said = parts
      .filter((part) => part !== '')
      .flatMap((text, index): SpokenPhrase[] => {
        const interjection = between[index];
        const phrase: SpokenPhrase = { by: 'customer', text };
        return interjection === undefined || index === 0
          ? [phrase]
          : [{ by: 'agent', text: interjection }, phrase];
      });
    const [first, ...others] = said;
    const last = others.pop();
    const begun: SpokenPhrase = { by: 'customer', text: `${before} ${first?.text ?? ''}` };
    return last
      ? [begun, ...others, { ...last, text: `${last.text} ${after}` }, ...rest]
      : [{ ...begun, text: `${begun.text} ${after}` }, ...rest];
  });

const chunkings = fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 5 });

/** The same JSON with some characters of its texts written as escapes. */
const escapedSometimes = (json: string, every: number): string =>
  json.replace(/\\u[\da-f]{4}|\\.|[a-z0-9é-ü日٤４]/giu, (character, at: number) =>
    every > 0 && at % every === 0 && !character.startsWith('\\') && isInText(json, at)
      ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
      : character,
  );

/** Whether a character stands in the value of a `text`. */
const isInText = (json: string, at: number): boolean => {
  const from = json.lastIndexOf('"text":"', at);
  return from >= 0 && at >= from + 8 && !/(?<!\\)"/.test(json.slice(from + 8, at + 1));
};

/** An object's own strings, as JSON. */
const ownStrings = (value: unknown): string =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? JSON.stringify(Object.fromEntries(Object.entries(value).filter(([, own]) => typeof own === 'string')))
    : '';

const TEXT_FIELDS = ['text', 'decoratedText', 'word', 'phrase', 'transcriptPhrase'];
const withoutTexts = (json: string) =>
  JSON.stringify(JSON.parse(json, (key, value: unknown) => (TEXT_FIELDS.includes(key) ? '' : value)));

const NUMBER_WORD = new RegExp(
  `\\p{Nd}|(?<!\\p{L})(?:${[...ENGLISH, ...GERMAN, ...TENS.slice(2), 'oh', 'double', 'triple'].join('|')})(?!\\p{L})`,
  'iu',
);

describe('for every conversation', () => {
  test('no digit of a card number is left in any field, however it is said', async () => {
    await fc.assert(
      fc.asyncProperty(conversations, fc.integer({ min: 0, max: 9 }), async (phrases, every) => {
        const { text, counts } = await redactDocument(escapedSometimes(transcriptOf(phrases), every));
        // The agent's own numbers stay.
        const ofCustomer = JSON.stringify(JSON.parse(text), (_key, value: unknown) =>
          /"(?:participantPurpose|participant)":"internal"/.test(ownStrings(value)) ? null : value,
        );
        const said = TEXT_FIELDS.flatMap((field) => stringsOf(ofCustomer, field));
        expect(said.filter((part) => NUMBER_WORD.test(part))).toEqual([]);
        expect(counts.card).toBeGreaterThan(0);
      }),
      { numRuns: 400 },
    );
  });

  test('every splitting into chunks gives the same bytes and counts', async () => {
    await fc.assert(
      fc.asyncProperty(
        conversations,
        fc.integer({ min: 0, max: 9 }),
        chunkings,
        async (phrases, every, chunkBytes) => {
          const document = escapedSometimes(transcriptOf(phrases), every);
          const terms = ['mhm yes', '日本', 'says thanks'];
          expect(await redactDocument(document, { chunkBytes, terms })).toEqual(
            await redactDocument(document, { terms }),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  test('also for texts that are made to be in the way of each other', async () => {
    const part = fc.constantFrom(
      ...[
        '4111',
        '1111',
        '1',
        '49',
        '2026-03-02',
        'one',
        'double',
        'twenty',
        'plus',
        'and',
        'uh',
        'mhm',
        'hello',
      ],
      ...[
        'john',
        'at',
        'dot',
        'com',
        'de',
        'www',
        '@',
        '.',
        '-',
        ',',
        '+',
        '(',
        ')',
        '...',
        ' ',
        ' ',
        ' ',
        ' ',
      ],
      ...[
        '日本',
        '日',
        'é',
        '٤',
        '４',
        '\u00ad',
        '\ud83d',
        '\ud83d\ude00',
        '"',
        '\\',
        'x'.repeat(255),
        'é'.repeat(129),
      ],
    );
    const text = fc.array(part, { maxLength: 30 }).map((parts) => parts.join(''));
    const by = fc.constantFrom<SpokenPhrase['by']>('customer', 'agent');
    const phrases = fc.array(fc.record({ by, text }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        phrases,
        fc.integer({ min: 0, max: 5 }),
        chunkings,
        async (said, every, chunkBytes) => {
          const document = escapedSometimes(transcriptOf(said), every);
          const terms = ['hello john', '1111', '日'];
          const result = await redactDocument(document, { chunkBytes, terms });
          expect(result).toEqual(await redactDocument(document, { terms }));
          expect(withoutTexts(result.text)).toBe(withoutTexts(document));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('only text changes: the structure and everything else stays', async () => {
    await fc.assert(
      fc.asyncProperty(conversations, async (phrases) => {
        const document = transcriptOf(phrases);
        const { text } = await redactDocument(document);
        expect(withoutTexts(text)).toBe(withoutTexts(document));
      }),
    );
  });
});

test('a document without matches stays as it is, byte by byte, whatever it holds', async () => {
  const letters = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\p{N}@]/gu, ''));
  const phrase = fc.dictionary(
    fc.constantFrom('text', 'decoratedText', 'phrase', 'words', 'alternatives', 'id', 'n', 'phrases'),
    fc.oneof(
      letters,
      fc.double(),
      fc.array(fc.record({ word: letters }), { maxLength: 3 }),
      fc.constant(null),
    ),
  );
  const documents = fc.tuple(fc.array(phrase, { maxLength: 5 }), fc.constantFrom(undefined, 1, '\t'));
  await fc.assert(
    fc.asyncProperty(documents, chunkings, async ([phrases, indent], chunkBytes) => {
      const document = JSON.stringify({ transcripts: [{ phrases }] }, undefined, indent);
      expect((await redactDocument(document, { chunkBytes })).text).toBe(document);
    }),
    { numRuns: 400 },
  );
});
