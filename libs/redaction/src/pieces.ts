/** A stretch of one string of the document. */
export interface Piece {
  /** Which string, counted through the document. */
  readonly string: number;
  /** Offsets in bytes of the document, `end` behind the last. */
  readonly start: number;
  readonly end: number;
}

/** What is looked for. */
export type Kind = 'card' | 'email' | 'phone' | 'term';

/** Takes a match: one piece for each string that it runs through. */
export type Found = (kind: Kind, pieces: readonly Piece[]) => void;

/** One stretch per string: a match takes what stands between its parts with it, where that is in the same string. */
export function addPiece(pieces: Piece[], piece: Piece): void {
  const last = pieces.at(-1);
  if (last?.string === piece.string) pieces[pieces.length - 1] = { ...last, end: piece.end };
  else pieces.push(piece);
}

/** The same for all of them. */
export function joinPieces(all: Iterable<Piece>): Piece[] {
  const pieces: Piece[] = [];
  for (const piece of all) addPiece(pieces, piece);
  return pieces;
}
