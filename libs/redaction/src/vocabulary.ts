import { firstLetter, fold } from './characters.ts';
import {
  CONJUNCTIONS,
  MULTIPLIERS,
  NUMBER_WORDS,
  type NumberWords,
  PAUSES,
  spellings,
} from './number-words.ts';
import { addTerm, createTermNode, type TermNode } from './term-tree.ts';
import { createWordIndex, type WordIndex } from './word-index.ts';
import { readTokens, type TermToken } from './term-tokens.ts';

/** Part that a word can play in a spoken e-mail address. */
type MailRole = 'at' | 'dot' | 'joiner' | 'everyday' | 'web' | 'top-level' | 'none';

/** What a word means to the search; most words mean nothing. */
export interface Meaning {
  /** The word itself, in the one form of all its spellings. */
  readonly text: string;
  /** The digits it stands for, or ''. */
  readonly digits: string;
  /** How often it means the digit behind it, or 0. */
  readonly times: number;
  /** What it adds between two groups of a number: `~` a pause, `&` a conjunction, `+` a plus, or '' when it ends the number. */
  readonly pause: '' | '~' | '&' | '+';
  readonly mail: MailRole;
}

/** The words that are looked for. */
export interface Vocabulary {
  readonly meanings: ReadonlyMap<string, Meaning>;
  /** The same for words of ASCII letters. */
  readonly asciiMeanings: WordIndex<Meaning>;
  /** The letters, without accents, with which they begin. */
  readonly firstLetters: ReadonlySet<number>;
  readonly terms: TermNode;
}

export interface VocabularyOptions {
  /** Names and the like that must not be kept: matched whatever their case, from word boundary to word boundary. */
  readonly terms: readonly string[];
  /** Words for digits beyond English and German, such as `{ cero: '0', uno: '1' }`. */
  readonly numberWords: NumberWords;
}

const MAX_TERM_LENGTH = 256;
const WORD_BOUNDED = /^[\p{L}\p{N}](?:.*[\p{L}\p{M}\p{N}])?$/su;

const MAIL_ROLES: readonly (readonly [MailRole, string])[] = [
  // Said before the name of a web site, "available at example dot com", and not a mailbox's name.
  ['everyday', 'available find found here it look looking me more online order page ordered shop site'],
  ['everyday', 'store them up us website bought is are now out see visit go was be there'],
  ['top-level', 'com net org edu gov info biz'],
  ['web', 'www'],
  ['joiner', 'underscore dash hyphen minus plus unterstrich bindestrich strich'],
  ['dot', 'dot punkt point period punto'],
  ['at', 'at ät klammeraffe arroba'],
];

/** @throws RangeError naming the place of a bad term or word, never its text */
export function createVocabulary({ terms, numberWords }: VocabularyOptions): Vocabulary {
  const meanings = new Map<string, Meaning>();
  const learn = (word: string, meaning: Partial<Meaning>) => {
    for (const spelling of spellings(word)) {
      const text = fold(spelling);
      meanings.set(text, { ...(meanings.get(text) ?? nothing(text)), ...meaning });
    }
  };
  for (const word of PAUSES) learn(word, { pause: '~' });
  for (const word of CONJUNCTIONS) learn(word, { pause: '&' });
  learn('plus', { pause: '+' });
  for (const [mail, words] of MAIL_ROLES) for (const word of words.split(' ')) learn(word, { mail });
  for (const [word, times] of Object.entries(MULTIPLIERS)) learn(word, { times });
  const digits = { ...NUMBER_WORDS, ...checkedNumberWords(numberWords) };
  for (const word of Object.keys(digits)) learn(word, { digits: digits[word] ?? '', pause: '' });
  const root = createTermNode();
  for (const tokens of terms.map(tokensOf)) {
    addTerm(root, tokens);
    for (const { text } of tokens) learn(text, {});
  }
  return {
    meanings,
    asciiMeanings: createWordIndex(meanings, 'any'),
    firstLetters: new Set(Array.from(meanings.keys(), firstLetter)),
    terms: root,
  };
}

const nothing = (text: string): Meaning => ({ text, digits: '', times: 0, pause: '', mail: 'none' });

function checkedNumberWords(words: NumberWords): NumberWords {
  Object.entries(words).forEach(([word, digits], index) => {
    if (!/^\d{1,4}$/.test(digits)) throw new RangeError(`number word ${index + 1} stands for no digits`);
    if (readTokens(word).length !== 1) throw new RangeError(`number word ${index + 1} is not one word`);
  });
  return words;
}

function tokensOf(term: string, index: number): readonly TermToken[] {
  if (term.length > MAX_TERM_LENGTH) throw new RangeError(`term ${index + 1} is too long`);
  if (!WORD_BOUNDED.test(term))
    throw new RangeError(`term ${index + 1} must begin and end with a letter or a digit`);
  return readTokens(term);
}
