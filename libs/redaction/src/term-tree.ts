import { asInTerm } from './between.ts';
import { joinPieces, type Piece } from './pieces.ts';
import type { TermToken } from './term-tokens.ts';
import type { Token } from './token.ts';

/** The terms as a tree: a node for each beginning of a term. */
export interface TermNode {
  readonly next: Map<string, TermNode>;
  isTerm: boolean;
}

export const createTermNode = (): TermNode => ({ next: new Map(), isTerm: false });

export function addTerm(root: TermNode, tokens: readonly TermToken[]): void {
  let node = root;
  for (const { between, text } of tokens) {
    const next = node.next.get(between + text) ?? createTermNode();
    node.next.set(between + text, next);
    node = next;
  }
  node.isTerm = true;
}

interface Begun {
  readonly node: TermNode;
  readonly pieces: readonly Piece[];
}

/** The terms that may have begun, in the order in which they did. */
export interface TermSearch {
  begun: readonly Begun[];
}

export const createTermSearch = (): TermSearch => ({ begun: [] });

/** Goes on by one word or number. */
export function takeForTerms(
  search: TermSearch,
  root: TermNode,
  token: Token,
  found: (pieces: readonly Piece[]) => void,
): void {
  const text = token.meaning?.text ?? token.digits;
  if (search.begun.length === 0 && !root.next.has(text)) return;
  const step = asInTerm(token.between) + text;
  const begun = search.begun.flatMap(({ node, pieces }) => goneOn(node.next.get(step), pieces, token));
  // A word boundary is wherever letter does not follow letter; in scripts without spaces that is everywhere.
  if (token.between !== '') begun.push(...goneOn(root.next.get(text), [], token));
  search.begun = begun;
  if (token.follows === 'word') return;
  for (const { node, pieces } of begun) if (node.isTerm) found(pieces);
}

function goneOn(node: TermNode | undefined, pieces: readonly Piece[], token: Token): Begun[] {
  return node ? [{ node, pieces: joinPieces([...pieces, token.piece]) }] : [];
}

/** Where the earliest of them begins; infinite without any. */
export const termsFrom = ({ begun }: TermSearch): number => begun[0]?.pieces[0]?.start ?? Infinity;
