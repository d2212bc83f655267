import { addPhraseEnd, addSign, addSpace, APART, isSpace, NO_SPACE } from './between.ts';
import {
  beginWithWord,
  createMailSearch,
  endMail,
  mailFrom,
  type MailSearch,
  takeForMail,
} from './mail-search.ts';
import {
  createNumberSearch,
  isIdle,
  type NumberDeps,
  numberFrom,
  type NumberSearch,
  settle,
  takeForNumbers,
} from './number-search.ts';
import type { Found, Piece } from './pieces.ts';
import type { Quotes } from './quotes.ts';
import { createTermSearch, takeForTerms, type TermNode, type TermSearch, termsFrom } from './term-tree.ts';
import type { Token } from './token.ts';
import type { Meaning } from './vocabulary.ts';

interface ChannelDeps {
  readonly found: Found;
  readonly terms: TermNode;
  readonly quotes: Quotes;
}

/** What one participant says in one field, phrase after phrase: a match may run through all of it. */
export interface Channel {
  readonly numbers: NumberSearch;
  readonly mail: MailSearch;
  readonly terms: TermSearch;
  readonly deps: ChannelDeps;
  readonly numberDeps: NumberDeps;
  readonly foundMail: (pieces: readonly Piece[]) => void;
  readonly foundTerm: (pieces: readonly Piece[]) => void;
  /** The string that is being read, counted through the document, and its first byte. */
  string: number;
  stringAt: number;
  /** The phrase that last had text for it, counted through the document. */
  phrase: number;
  /** What stands before the next word, see `between.ts`. */
  between: string;
  /** Offset of the last plus or opening bracket. */
  leadAt: number;
}

export function createChannel(deps: ChannelDeps): Channel {
  const { found, quotes } = deps;
  return {
    numbers: createNumberSearch(),
    mail: createMailSearch(),
    terms: createTermSearch(),
    deps,
    numberDeps: { found, quotes },
    foundMail: (pieces) => found('email', pieces),
    foundTerm: (pieces) => found('term', pieces),
    string: -1,
    stringAt: 0,
    phrase: -1,
    between: ' ',
    leadAt: -1,
  };
}

export function beginString(channel: Channel, string: number, stringAt: number, phrase: number): void {
  channel.between = phrase === channel.phrase ? addSpace(channel.between) : addPhraseEnd(channel.between);
  channel.string = string;
  channel.stringAt = stringAt;
  channel.phrase = phrase;
}

export function takeSpace(channel: Channel): void {
  channel.between = addSpace(channel.between);
}

export function takeSign(channel: Channel, sign: string, at: number): void {
  channel.between = addSign(channel.between, sign);
  if (sign === '+' || sign === '(') channel.leadAt = at;
}

type Follows = Token['follows'];

/** Goes on by a word of several letters that means nothing, as most do: no number and no term goes on behind it. */
export function takePlainWord(channel: Channel, start: number, end: number, follows: Follows): void {
  const { between, mail } = channel;
  const isBeginning = mail.state === 'nothing' || mail.state === 'local';
  if (!isBeginning || !isSpace(between)) {
    takeWord(channel, start, end, end - start, undefined, follows);
    return;
  }
  channel.between = '';
  if (!isIdle(channel.numbers)) settle(channel.numbers, channel.numberDeps);
  if (channel.terms.begun.length > 0) channel.terms.begun = [];
  beginWithWord(mail, channel.string, start, end);
}

export function takeWord(
  channel: Channel,
  start: number,
  end: number,
  length: number,
  meaning: Meaning | undefined,
  follows: Follows,
): void {
  take(channel, {
    piece: { string: channel.string, start, end },
    between: channel.between,
    digits: '',
    meaning,
    length,
    leadAt: -1,
    follows,
  });
}

export function takeDigits(
  channel: Channel,
  start: number,
  end: number,
  digits: string,
  follows: Follows,
): void {
  const { between, leadAt, stringAt, string } = channel;
  const isLed = endsInLead(between) && leadAt >= stringAt;
  take(channel, {
    piece: { string, start, end },
    between,
    digits,
    meaning: undefined,
    length: digits.length,
    leadAt: isLed ? leadAt : -1,
    follows,
  });
}

/** A character of a script without spaces is a word of its own, whatever stands beside it. */
export function takeIdeograph(
  channel: Channel,
  start: number,
  end: number,
  meaning: Meaning | undefined,
): void {
  if (channel.between === '') channel.between = NO_SPACE;
  if (meaning) takeWord(channel, start, end, 1, meaning, 'other');
  else takePlainWord(channel, start, end, 'other');
  channel.between = NO_SPACE;
}

function take(channel: Channel, token: Token): void {
  channel.between = '';
  takeForNumbers(channel.numbers, token, channel.numberDeps);
  takeForMail(channel.mail, token, channel.foundMail);
  takeForTerms(channel.terms, channel.deps.terms, token, channel.foundTerm);
}

/** Lets nothing run through here. */
export function breakOff(channel: Channel): void {
  settle(channel.numbers, channel.numberDeps);
  endMail(channel.mail, channel.foundMail);
  channel.terms.begun = [];
  channel.between = APART;
}

/** Offset in the document from which on matches may still be found; infinite when only in what comes. */
export const openFrom = ({ numbers, mail, terms, between, leadAt }: Channel): number =>
  Math.min(numberFrom(numbers), mailFrom(mail), termsFrom(terms), endsInLead(between) ? leadAt : Infinity);

/** With a plus or an opening bracket, which belong to a number behind them. */
const endsInLead = (between: string): boolean => between.endsWith('+') || between.endsWith('(');
