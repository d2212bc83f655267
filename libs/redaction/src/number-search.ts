import { isSpace } from './between.ts';
import { cardGroups, MAX_CARD_DIGITS } from './card-groups.ts';
import { countDigits, type DigitGroup, hasPlus } from './digit-group.ts';
import { isPhoneNumber, phoneNumbers } from './phone-numbers.ts';
import { type Found, joinPieces, type Piece } from './pieces.ts';
import { MIN_PART_DIGITS, type Quotes } from './quotes.ts';
import type { Token } from './token.ts';

/** The digits in a row that a text is in the middle of. */
export interface NumberSearch {
  groups: DigitGroup[];
  /** Pauses since the last group, see `Meaning`. */
  pauses: string;
  /** "double", until its digit comes. */
  multiplier: Token | undefined;
}

export const createNumberSearch = (): NumberSearch => ({ groups: [], pauses: '', multiplier: undefined });

/** More groups than this are decided upon though the row goes on, so that what is held back stays small. */
const MAX_GROUPS = 64;
const MAX_PAUSES = 4;

/** What may stand between two groups of one number. */
const JOINT = /^[-\s.,;/()+_\u200b]{0,12}$/;

/** What a number that has come to its end is handed to. */
export interface NumberDeps {
  readonly found: Found;
  readonly quotes: Quotes;
}

export const isIdle = ({ groups, pauses, multiplier }: NumberSearch): boolean =>
  groups.length === 0 && pauses === '' && multiplier === undefined;

/** Goes on by one word or number. */
export function takeForNumbers(search: NumberSearch, token: Token, deps: NumberDeps): void {
  const { meaning } = token;
  if (token.between !== ' ' && !JOINT.test(token.between)) settle(search, deps);
  if (token.digits !== '') return takeDigits(search, token, token.digits, deps);
  if (meaning && meaning.digits !== '') return takeDigits(search, token, meaning.digits, deps);
  if (meaning && meaning.times > 0) return takeMultiplier(search, token, deps);
  if (meaning && meaning.pause !== '' && !search.multiplier)
    return takePause(search, token, meaning.pause, deps);
  if (meaning && meaning.pause !== '' && isSpace(token.between)) return;
  settle(search, deps);
}

function takeDigits(search: NumberSearch, token: Token, digits: string, deps: NumberDeps): void {
  const { multiplier } = search;
  if (multiplier && digits.length > 1) settle(search, deps);
  const times = search.multiplier?.meaning?.times ?? 1;
  const first = search.multiplier ?? token;
  const group: DigitGroup = {
    digits: digits.repeat(times),
    pieces: search.multiplier ? joinPieces([search.multiplier.piece, token.piece]) : [token.piece],
    joint: search.pauses + first.between,
    form: formOf(token, digits),
    leadAt: first.leadAt,
  };
  // A number never has its plus in the middle.
  if (hasPlus(group)) settle(search, deps);
  search.multiplier = undefined;
  search.pauses = '';
  const last = search.groups.at(-1);
  if (last && isUnitOf(last, group)) search.groups[search.groups.length - 1] = withUnit(last, group);
  else search.groups.push(group);
  if (search.groups.length > MAX_GROUPS) settleBeginning(search, deps);
}

function formOf({ meaning }: Token, digits: string): DigitGroup['form'] {
  if (!meaning) return 'written';
  return /^[2-9]0$/.test(digits) ? 'tens' : 'spoken';
}

/** "twenty", "six" is 26 and not 20, 6. */
const isUnitOf = (tens: DigitGroup, unit: DigitGroup): boolean =>
  tens.form === 'tens' && unit.form === 'spoken' && /^[1-9]$/.test(unit.digits) && /^[- ]$/.test(unit.joint);

const withUnit = (tens: DigitGroup, unit: DigitGroup): DigitGroup => ({
  ...tens,
  digits: tens.digits.slice(0, 1) + unit.digits,
  pieces: joinPieces([...tens.pieces, ...unit.pieces]),
  form: 'spoken',
});

function takeMultiplier(search: NumberSearch, token: Token, deps: NumberDeps): void {
  if (search.multiplier) settle(search, deps);
  search.multiplier = token;
}

/** Before a number only a plus counts: it makes it a telephone number. */
function takePause(search: NumberSearch, token: Token, pause: string, deps: NumberDeps): void {
  if (search.groups.length === 0) search.pauses = pause === '+' ? pause : '';
  else if (search.pauses.length < MAX_PAUSES) search.pauses += token.between.trim() + pause;
  else settle(search, deps);
}

/** Decides upon what there is; nothing can join it any more. */
export function settle(search: NumberSearch, deps: NumberDeps): void {
  if (search.groups.length > 0) decide(search.groups, deps);
  search.groups = [];
  search.pauses = '';
  search.multiplier = undefined;
}

/** Decides upon a row that goes on, and keeps of it what a card number can still begin in. */
function settleBeginning(search: NumberSearch, deps: NumberDeps): void {
  decide(search.groups, deps);
  let from = search.groups.length;
  while (countDigits(search.groups.slice(from - 1)) < MAX_CARD_DIGITS) from -= 1;
  search.groups = search.groups.slice(from);
}

function decide(groups: readonly DigitGroup[], deps: NumberDeps): void {
  if (countDigits(groups) < MIN_PART_DIGITS) return;
  const marks = isPhoneNumber(groups) && groups.some(hasPlus) ? [] : cardGroups(groups);
  if (!marks.includes('card')) return decideWithoutCard(groups, deps);
  const parts = stretches(marks);
  // A telephone number that by chance shares digits with a card number goes as a whole.
  if (parts.length > 1) decidePhones(groups, deps);
  for (const { mark, from, to } of parts) {
    const part = groups.slice(from, to);
    if (mark === 'other') decideWithoutCard(part, deps);
    else {
      deps.quotes.remember(part);
      deps.found('card', piecesOf(part));
    }
  }
}

function decideWithoutCard(groups: readonly DigitGroup[], deps: NumberDeps): void {
  for (const quoted of deps.quotes.among(groups)) deps.found('card', piecesOf(quoted));
  decidePhones(groups, deps);
}

function decidePhones(groups: readonly DigitGroup[], { found }: NumberDeps): void {
  for (const phone of phoneNumbers(groups)) found('phone', piecesOf(phone));
}

interface Stretch {
  readonly mark: 'card' | 'other';
  readonly from: number;
  readonly to: number;
}

function stretches(marks: readonly ('card' | 'other')[]): readonly Stretch[] {
  const all: Stretch[] = [];
  marks.forEach((mark, index) => {
    const last = all.at(-1);
    if (last?.mark === mark) all[all.length - 1] = { ...last, to: index + 1 };
    else all.push({ mark, from: index, to: index + 1 });
  });
  return all;
}

function piecesOf(groups: readonly DigitGroup[]): readonly Piece[] {
  const [first, ...rest] = joinPieces(groups.flatMap(({ pieces }) => pieces));
  if (!first) return [];
  return [{ ...first, start: leadOf(groups) ?? first.start }, ...rest];
}

/** A plus belongs to the number, and so does a bracket that is closed in it. */
function leadOf([first, ...rest]: readonly DigitGroup[]): number | undefined {
  if (!first || first.leadAt < 0) return undefined;
  const isPlus = first.joint.endsWith('+');
  return isPlus || rest.some(({ joint }) => joint.includes(')')) ? first.leadAt : undefined;
}

/** Where the number begins that is not decided upon; infinite without one. */
export function numberFrom({ groups, multiplier }: NumberSearch): number {
  const [first] = groups;
  if (!first) return multiplier?.piece.start ?? Infinity;
  return first.leadAt >= 0 ? first.leadAt : (first.pieces[0]?.start ?? Infinity);
}
