import type { Kind, Piece } from './pieces.ts';
import type { Window } from './window.ts';

const PLACEHOLDERS: Readonly<Record<Kind, string>> = {
  card: '[card]',
  email: '[email]',
  phone: '[phone]',
  term: '[redacted]',
};

const MAX_PLACEHOLDER_BYTES = Math.max(...Object.values(PLACEHOLDERS).map(({ length }) => length));

/** Where stretches overlap, the kind that says most about why they are gone. */
const RANK: Readonly<Record<Kind, number>> = { card: 3, email: 2, phone: 1, term: 0 };

interface Replacement {
  readonly kind: Kind;
  readonly start: number;
  readonly end: number;
  /** 1 for a match's first piece, 0 for the others. */
  readonly matches: number;
  readonly placeholder: 'to write' | 'written';
}

/** What is to be replaced and not yet released, in the document's order and without overlaps. */
export interface Replacements {
  readonly pending: Replacement[];
  /** Offset in the document up to which everything has been handed out. */
  released: number;
  readonly counts: Record<Kind, number>;
}

export function createReplacements(): Replacements {
  return { pending: [], released: 0, counts: { card: 0, email: 0, phone: 0, term: 0 } };
}

/** Notes a match; all of it lies behind what is released. */
export function replaceMatch(replacements: Replacements, kind: Kind, pieces: readonly Piece[]): void {
  pieces.forEach(({ start, end }, index) => {
    insert(replacements.pending, { kind, start, end, matches: index === 0 ? 1 : 0, placeholder: 'to write' });
  });
}

/** Matches are found near the end, so the place is looked for from there. */
function insert(pending: Replacement[], replacement: Replacement): void {
  let from = pending.length;
  while (from > 0 && (pending[from - 1]?.end ?? 0) > replacement.start) from -= 1;
  if (from === pending.length) {
    pending.push(replacement);
    return;
  }
  let to = from;
  let merged = replacement;
  for (let other = pending[to]; other && other.start < replacement.end; other = pending[to]) {
    merged = merge(merged, other);
    to += 1;
  }
  pending.splice(from, to - from, merged);
}

function merge(one: Replacement, other: Replacement): Replacement {
  const first = one.start < other.start ? one : other;
  const { kind, matches } = RANK[one.kind] > RANK[other.kind] ? one : other;
  return {
    kind,
    matches: one.kind === other.kind ? Math.max(one.matches, other.matches) : matches,
    start: first.start,
    end: Math.max(one.end, other.end),
    placeholder: first.placeholder,
  };
}

/** Hands out the document up to an offset, redacted, and counts what was redacted in it. */
export function release(replacements: Replacements, window: Window, upTo: number): Buffer {
  const { counts, pending, released } = replacements;
  const { base, bytes } = window;
  const out = Buffer.allocUnsafe(upTo - released + pending.length * MAX_PLACEHOLDER_BYTES);
  let length = 0;
  let from = released;
  let done = 0;
  for (const { kind, start, end, matches, placeholder } of pending) {
    if (start >= upTo) break;
    length += bytes.copy(out, length, from - base, start - base);
    if (placeholder === 'to write') {
      length += out.write(PLACEHOLDERS[kind], length, 'latin1');
      counts[kind] += matches;
    }
    from = Math.min(end, upTo);
    if (end > upTo) {
      pending[done] = { kind, start: upTo, end, matches: 0, placeholder: 'written' };
      break;
    }
    done += 1;
  }
  pending.splice(0, done);
  length += bytes.copy(out, length, from - base, upTo - base);
  replacements.released = upTo;
  return out.subarray(0, length);
}
