import { describe, expect, test } from '@jest/globals';
import { redactText } from './test-transcripts.ts';
import { createVocabulary } from './vocabulary.ts';

describe('a configured term goes', () => {
  test.each([
    ['whatever its case', 'Jane Smith', 'I am JANE smith.', 'I am [redacted].'],
    ['whatever the white space', 'Jane Smith', 'Jane \n  Smith', '[redacted]'],
    ['with punctuation between its words', 'Jane Smith', 'Jane, Smith', '[redacted]'],
    ['with a sign of its own', 'AT&T', 'from at&t to AT and T', 'from [redacted] to AT and T'],
    ['with either apostrophe', "O'Brien", 'O’Brien', '[redacted]'],
    ['with digits', 'Room 101', 'in room 101, not room 1011', 'in [redacted], not room 1011'],
    ['beyond ASCII', 'Müller', 'MU\u0308LLER', '[redacted]'],
    ['with ß in capitals', 'Straße', 'STRASSE', '[redacted]'],
    ['in a script without spaces', '田中', '私は田中です', '私は[redacted]です'],
    ['where a shorter one begins alike', 'project falcon', 'project project falcon', 'project [redacted]'],
  ])('%s', async (_case, term, said, kept) => {
    expect(await redactText(said, { terms: [term] })).toBe(kept);
  });

  test('the longest of several', async () => {
    const terms = ['Jane', 'Jane Smith', 'Smith'];
    expect(await redactText('Jane Smith and Jane Doe', { terms })).toBe('[redacted] and [redacted] Doe');
  });
});

test('a term is no part of a word', async () => {
  const said = 'annex Joanna Ann2 2Ann';
  expect(await redactText(said, { terms: ['Ann'] })).toBe(said);
});

describe('refused, without showing it', () => {
  test.each([
    ['a term without letters', { terms: ['fine', '+++'], numberWords: {} }, 'term 2'],
    ['a term that ends in a sign', { terms: ['C++'], numberWords: {} }, 'term 1'],
    ['an empty term', { terms: [''], numberWords: {} }, 'term 1'],
    ['a term that is too long', { terms: ['a'.repeat(257)], numberWords: {} }, 'term 1'],
    ['a word that stands for no digits', { terms: [], numberWords: { uno: 'one' } }, 'number word 1'],
    ['a number word of two words', { terms: [], numberWords: { 'uno due': '12' } }, 'number word 1'],
  ])('%s', (_case, options, place) => {
    const message = new RegExp(`^${place} (?!.*\\b(C|uno)\\b)`);
    expect(() => createVocabulary(options)).toThrow(expect.objectContaining({ name: 'RangeError' }));
    expect(() => createVocabulary(options)).toThrow(message);
  });
});
