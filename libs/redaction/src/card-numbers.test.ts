import { describe, expect, test } from '@jest/globals';
import { redactText } from './test-transcripts.ts';

describe('a card number goes', () => {
  test.each([
    ['in groups', 'my card is 4111 1111 1111 1111 thanks', 'my card is [card] thanks'],
    ['with hyphens', 'it is 4111-1111-1111-1111.', 'it is [card].'],
    ['with full stops', '4111.1111.1111.1111', '[card]'],
    ['in one piece', '(4111111111111111)', '([card])'],
    ['with 13 digits', 'old 4222222222222 it was', 'old [card] it was'],
    ['with 15 digits', 'amex 3782 822463 10005', 'amex [card]'],
    ['with 19 digits', '6304000000000000000', '[card]'],
    ['with letters around it', 'ref4111111111111111x', 'ref[card]x'],
    ['before its expiry date', 'it is 5105 1051 0510 5100 exp 12/26', 'it is [card] exp 12/26'],
    ['with wide spaces', '4111\u00a01111\u20091111   1111', '[card]'],
    ['with what cannot be seen in it', '4111\u200b1111\u00ad1111 1111', '[card]'],
    ['in full-width digits', '４１１１ １１１１ １１１１ １１１１', '[card]'],
    ['in Arabic digits', '٤١١١ ١١١١ ١١١١ ١١١١', '[card]'],
  ])('%s', async (_case, said, kept) => {
    expect(await redactText(said)).toBe(kept);
  });

  test.each([
    ['digit by digit', `it is four${' one'.repeat(15)} ok thanks`, 'it is [card] ok thanks'],
    ['with upper case', `Four${' ONE'.repeat(15)}.`, '[card].'],
    ['with commas', `Four${', one'.repeat(15)}.`, '[card].'],
    ['with doubles', `four triple one${' double one'.repeat(6)} thanks`, '[card] thanks'],
    ['with "oh"', 'five one oh five one oh five one oh five one oh five one oh oh', '[card]'],
    ['in tens', `forty one${' eleven'.repeat(7)} thanks`, '[card] thanks'],
    [
      'in hyphenated tens',
      'forty-two forty-two forty-two forty-two forty-two forty-two forty-two forty-two',
      '[card]',
    ],
    ['in words and digits', '4111 one one one one 1111 double one 11 please', '[card] please'],
    ['with pauses', '4111 uh 1111 okay 1111 and then 1111', '[card]'],
    ['in German', `vier${' eins'.repeat(15)} danke`, '[card] danke'],
    ['in German tens', `einundvierzig${' elf'.repeat(7)} danke`, '[card] danke'],
    [
      'in German repetitions',
      'vier dreimal die eins 1111 viermal die eins viermal eins danke',
      '[card] danke',
    ],
    ['in German without umlauts', `fuenf eins null ${'fünf eins null '.repeat(4)}null danke`, '[card] danke'],
  ])('said %s', async (_case, said, kept) => {
    expect(await redactText(said)).toBe(kept);
  });

  test('at the end of a row that is longer than any number', async () => {
    const kept = await redactText(`${'two '.repeat(55)}four${' one'.repeat(15)} bye`);
    expect(kept).not.toMatch(/four|one/);
  });

  test('said in a language that is configured', async () => {
    const numberWords = { cuatro: '4', uno: '1' };
    expect(await redactText(`cuatro${' uno'.repeat(15)} gracias`, { numberWords })).toBe('[card] gracias');
  });

  test('together with the expiry date that was said in one breath, as far as that may be part of it', async () => {
    const kept = await redactText(`four${' one'.repeat(15)} twelve twenty six`);
    expect(kept).toMatch(/^\[card\]/);
    expect(kept).not.toContain('one');
  });
});

describe('left as it is', () => {
  test.each([
    ['an order number', 'order 12345678901'],
    ['16 digits that are no card number', 'order 4111111111111112'],
    ['16 digits in groups that are no card number', 'order 4111 1111 1111 1112'],
    ['an IBAN', 'DE89370400440532013000 or DE89 3704 0044 0532 0130 00'],
    ['a date and a time', 'on 2026-03-02 at 10:15:30 and on 02.03.2026'],
    ['dates that pass the check together', 'from 2025-01-01, 2025-01-19'],
    ['a date of which a part would pass the check', '2025-01-01 2025-01-15 7'],
    ['a UUID', '550e8400-e29b-41d4-a716-446655440000'],
    ['a version', 'version 4.11.1 of 20.20.2'],
    ['20 digits in one piece', '41111111111111111226'],
    ['numbers in a sentence', 'two of the four ones and one of the two'],
  ])('%s', async (_case, said) => {
    expect(await redactText(said)).toBe(said);
  });
});
