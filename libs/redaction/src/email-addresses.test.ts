import { describe, expect, test } from '@jest/globals';
import { redactText } from './test-transcripts.ts';

describe('an e-mail address goes', () => {
  test.each([
    ['as it is written', 'mail john.doe+1@mail.example.com now', 'mail [email] now'],
    ['at the end of a sentence', 'It is john@example.com.', 'It is [email].'],
    ['in angle brackets', '<john@example.com>', '<[email]>'],
    ['with letters beyond ASCII', 'an jürgen@müller.de bitte', 'an [email] bitte'],
    ['as it is said', 'it is john dot doe at example dot com thanks', 'it is [email] thanks'],
    ['half said, half written', 'it is john dot doe at gmail.com', 'it is [email]'],
    ['spelled', 'it is j o h n underscore d o e one two at g m x dot de', 'it is [email]'],
    ['with a country behind the domain', 'jane at example dot co dot uk please', '[email] please'],
    ['in a domain of two words', 'jane at hot mail dot com', '[email]'],
    ['in German', 'max punkt muster ät beispiel minus firma punkt de danke', '[email] danke'],
    ['with digits of a card number in it', '4111111111111111@example.com', '[card]'],
  ])('%s', async (_case, said, kept) => {
    expect(await redactText(said)).toBe(kept);
  });
});

describe('left as it is', () => {
  test.each([
    ['a web site', 'available at example dot com, look at amazon.com'],
    ['a web site with www', 'john at www dot example dot com'],
    ['a handle', 'follow @example'],
    ['a host without a domain', 'root@localhost'],
    ['a sentence', 'meet me at noon. dot com was long ago'],
    ['a number at a number', 'version two at three dot five'],
  ])('%s', async (_case, said) => {
    expect(await redactText(said)).toBe(said);
  });
});
