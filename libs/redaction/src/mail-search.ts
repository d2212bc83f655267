import { isSpace } from './between.ts';
import { addPiece, type Piece } from './pieces.ts';
import type { Token } from './token.ts';

type State = 'nothing' | 'local' | 'local-joiner' | 'at' | 'domain' | 'domain-joiner' | 'domain-dot';

/** The e-mail address that a text may be in the middle of; any word may be the beginning of one. */
export interface MailSearch {
  state: State;
  /** Empty as long as it is nothing but one word. */
  readonly pieces: Piece[];
  /** That word. Most words are, so no object is made of them. */
  string: number;
  start: number;
  end: number;
  /** Words of the mailbox's name. */
  words: number;
  /** Whether the last word was spelled: a single letter, or digits. */
  last: 'spelled' | 'word';
  /** Such as "available" in "available at example dot com". */
  local: 'everyday' | 'name';
  sign: 'written' | 'spoken';
  labels: number;
  /** Words that the first part of the domain is said in: "hot mail". */
  labelWords: number;
  /** What is an address already, should nothing more belong to it. */
  accepted: readonly Piece[];
}

export const createMailSearch = (): MailSearch => ({
  state: 'nothing',
  pieces: [],
  string: -1,
  start: 0,
  end: 0,
  words: 0,
  last: 'word',
  local: 'name',
  sign: 'written',
  labels: 0,
  labelWords: 0,
  accepted: [],
});

/** RFC 5321 allows a mailbox's name 64 characters; spelled, each is a word. */
const MAX_WORDS = 64;

const MAX_LABEL_WORDS = 2;
const NONE: readonly Piece[] = [];

type FoundMail = (pieces: readonly Piece[]) => void;
type Join = 'glued' | 'space' | 'dot' | 'joiner' | 'at' | 'other';

function joinOf(between: string): Join {
  if (isSpace(between)) return 'space';
  if (between === '') return 'glued';
  if (between === '.') return 'dot';
  if (/^[-_+%'&]$/.test(between)) return 'joiner';
  return between.trim() === '@' ? 'at' : 'other';
}

/** Goes on by one word or number. */
export function takeForMail(search: MailSearch, token: Token, found: FoundMail): void {
  if (search.words > MAX_WORDS) endMail(search, found);
  const join = joinOf(token.between);
  switch (search.state) {
    case 'nothing':
      return begin(search, token);
    case 'local':
      return goOnFromLocal(search, token, join);
    case 'local-joiner':
      return join === 'space' ? goOn(search, token, 'local') : begin(search, token);
    case 'at':
      return join === 'space' && token.meaning?.mail !== 'web'
        ? beginDomain(search, token, 'spoken')
        : begin(search, token);
    case 'domain':
      return goOnFromDomain(search, token, join, found);
    case 'domain-joiner':
      return join === 'space' ? goOn(search, token, 'domain') : restart(search, token, found);
    case 'domain-dot':
      return join === 'space' ? addLabel(search, token) : restart(search, token, found);
  }
}

function begin(search: MailSearch, token: Token): void {
  const { string, start, end } = token.piece;
  beginWithWord(search, string, start, end);
  search.last = isSpelled(token) ? 'spelled' : 'word';
  if (token.meaning?.mail === 'everyday') search.local = 'everyday';
}

/** Begins anew with a word that means nothing. */
export function beginWithWord(search: MailSearch, string: number, start: number, end: number): void {
  if (search.state !== 'local' || search.words !== 1) reset(search);
  search.string = string;
  search.start = start;
  search.end = end;
  search.last = 'word';
  search.local = 'name';
}

function reset(search: MailSearch): void {
  search.state = 'local';
  search.pieces.length = 0;
  search.words = 1;
  search.labels = 0;
  search.accepted = NONE;
}

function goOn(search: MailSearch, token: Token, state: State): void {
  const { pieces, string, start, end } = search;
  if (pieces.length === 0) pieces.push({ string, start, end });
  addPiece(pieces, token.piece);
  search.state = state;
  search.words += 1;
  search.last = isSpelled(token) ? 'spelled' : 'word';
}

const isSpelled = ({ digits, meaning, length }: Token): boolean =>
  length === 1 || digits !== '' || (meaning?.digits ?? '') !== '';

function goOnFromLocal(search: MailSearch, token: Token, join: Join): void {
  const role = token.meaning?.mail;
  if (join === 'at') return beginDomain(search, token, 'written');
  if (join === 'other') return begin(search, token);
  if (join !== 'space') search.local = 'name';
  if (join !== 'space') return goOn(search, token, 'local');
  if (role === 'at') return goOn(search, token, 'at');
  if (role === 'dot' || role === 'joiner') {
    search.local = 'name';
    return goOn(search, token, 'local-joiner');
  }
  return search.last === 'spelled' && isSpelled(token) ? goOn(search, token, 'local') : begin(search, token);
}

function beginDomain(search: MailSearch, token: Token, sign: MailSearch['sign']): void {
  search.sign = sign;
  search.labels = 1;
  search.labelWords = 1;
  goOn(search, token, 'domain');
}

function goOnFromDomain(search: MailSearch, token: Token, join: Join, found: FoundMail): void {
  const role = token.meaning?.mail;
  if (join === 'dot') return addLabel(search, token);
  if (join === 'glued' || join === 'joiner') return goOn(search, token, 'domain');
  if (join !== 'space') return restart(search, token, found);
  if (role === 'dot') return goOn(search, token, 'domain-dot');
  if (role === 'joiner' && search.accepted.length === 0) return goOn(search, token, 'domain-joiner');
  if (search.labels > 1 || search.sign === 'written') return restart(search, token, found);
  // "g m x", and "g mail" or "hot mail"
  if (search.last !== 'spelled') search.labelWords += 1;
  return search.labelWords > MAX_LABEL_WORDS ? restart(search, token, found) : goOn(search, token, 'domain');
}

function addLabel(search: MailSearch, token: Token): void {
  goOn(search, token, 'domain');
  search.labels += 1;
  if (isTopLevel(search, token)) search.accepted = [...search.pieces];
}

/** A written @ says enough; said, it needs the name of a top-level domain, of which a country's has two letters. */
function isTopLevel({ sign }: MailSearch, { meaning, digits, length, follows }: Token): boolean {
  if (digits !== '' || (meaning?.digits ?? '') !== '' || follows === 'word' || length < 2) return false;
  return sign === 'written' || length === 2 || meaning?.mail === 'top-level';
}

function restart(search: MailSearch, token: Token, found: FoundMail): void {
  endMail(search, found);
  begin(search, token);
}

/** Decides upon what there is; nothing can join it any more. */
export function endMail(search: MailSearch, found: FoundMail): void {
  const isPlace = search.local === 'everyday' && search.sign === 'spoken';
  if (search.accepted.length > 0 && !isPlace) found(search.accepted);
  search.state = 'nothing';
  search.words = 0;
  search.accepted = [];
}

/** Where the address begins that is not decided upon; infinite without one. */
export const mailFrom = ({ state, start }: MailSearch): number => (state === 'nothing' ? Infinity : start);
