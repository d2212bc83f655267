import { addSign, addSpace, asInTerm, NO_SPACE } from './between.ts';
import { asciiDigit, classOf, DIGIT, fold, IDEOGRAPH, plainSign, SIGN, SPACE } from './characters.ts';

/** One word or number of a configured term. */
export interface TermToken {
  readonly text: string;
  /** What stands before it; '' for the first. */
  readonly between: string;
}

/** Cuts a term where a transcript's text is cut, see `readText`. */
export function readTokens(term: string): readonly TermToken[] {
  const tokens: TermToken[] = [];
  let between = '';
  let previous: number = SPACE;
  for (const character of term) {
    const point = character.codePointAt(0) ?? 0;
    const kind = classOf(point);
    const text = kind === DIGIT ? asciiDigit(point) : character;
    const last = tokens.at(-1);
    if (kind === SPACE) between = addSpace(between);
    else if (kind === SIGN) between = addSign(between, plainSign(character));
    else if (last && kind === previous && kind !== IDEOGRAPH) {
      tokens[tokens.length - 1] = { ...last, text: last.text + text };
    } else {
      const apart = between === '' && last && (kind === IDEOGRAPH || previous === IDEOGRAPH);
      tokens.push({ text, between: apart ? NO_SPACE : last ? asInTerm(between) : '' });
      between = '';
    }
    previous = kind;
  }
  return tokens.map((token) => ({ ...token, text: fold(token.text) }));
}
