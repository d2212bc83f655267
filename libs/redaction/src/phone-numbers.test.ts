import { describe, expect, test } from '@jest/globals';
import { redactText } from './test-transcripts.ts';

describe('a telephone number goes', () => {
  test.each([
    ['in E.164', 'call +4915112345678 now', 'call [phone] now'],
    ['with a plus and spaces', 'call +49 151 1234567', 'call [phone]'],
    ['with a plus, though it passes for a card number', 'call +49 151 12345678', 'call [phone]'],
    ['with the code in brackets', 'call (555) 123-4567.', 'call [phone].'],
    ['with hyphens', '555-123-4567', '[phone]'],
    ['with a slash', 'unter 030/1234567 erreichbar', 'unter [phone] erreichbar'],
    ['with seven digits', '555-1234', '[phone]'],
    ['in pairs', '01.23.45.67.89', '[phone]'],
    ['with spaces', 'au 01 23 45 67 89', 'au [phone]'],
    ['in one piece with its leading zero', 'call 01512345678', 'call [phone]'],
    ['beside a date', 'on 2026-03-02 555-123-4567', 'on 2026-03-02 [phone]'],
    ['beside another', 'call 555-123-4567, 555-987-6540', 'call [phone], [phone]'],
    ['beside one with a plus', 'call 555 1234 +49 151 12345678', 'call [phone] [phone]'],
    ['beside a card number', 'call 0151 2345670 4111 1111 1111 1111', 'call [phone] [card]'],
    ['digit by digit', 'five five five one two three four', '[phone]'],
    ['digit by digit, with a plus', 'plus four nine one five one one two three', 'plus [phone]'],
    ['digit by digit in German', 'null eins fünf eins zwo drei vier fünf', '[phone]'],
  ])('%s', async (_case, said, kept) => {
    expect(await redactText(said)).toBe(kept);
  });
});

describe('left as it is', () => {
  test.each([
    ['a bare number in one piece', 'order 12345678'],
    ['a date', '2026-03-02, 02.03.2026 and 3/2/26'],
    ['a time', 'from 10:15:30 to 12:45:00'],
    ['a sum', '$1,234,567.89 or 1.234.567'],
    ['years', 'from 2019-2020'],
    ['an IPv4 address', '192.168.100.200'],
    ['a code', 'INV-2026-0012345'],
    ['two numbers', 'between 1000 and 2000'],
    ['a list', '10, 20, 30, 40'],
    ['six digits', '12 34 56'],
  ])('%s', async (_case, said) => {
    expect(await redactText(said)).toBe(said);
  });
});
