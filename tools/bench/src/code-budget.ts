import type { Parts } from './code-parts.ts';

/** So much more than its budget a function may load before somebody has to say that it is worth it. */
const MARGIN = 0.05;
/** A function that nobody gave a budget: about the SDK clients of the largest, and some code. */
const UNBUDGETED_BYTES = 600_000;
/** Of what grew, so many parts are named. */
const NAMED = 5;

/** @returns what grew and by how much, for a reader; undefined within the budget */
export function overBudget(app: string, budget: Parts | undefined, found: Parts): string | undefined {
  const total = totalOf(found);
  const allowed = budget === undefined ? UNBUDGETED_BYTES : totalOf(budget) * (1 + MARGIN);
  if (total <= allowed) return undefined;
  const grown = Object.entries(found)
    .map(([part, bytes]) => ({ part, more: bytes - (budget?.[part] ?? 0) }))
    .filter(({ more }) => more > 0)
    .toSorted((left, right) => right.more - left.more)
    .slice(0, NAMED)
    .map(({ part, more }) => `${part} +${kilobytes(more)}`);
  return `${app} loads ${kilobytes(total)} at init and may load ${kilobytes(allowed)}; grown: ${grown.join(', ')}`;
}

const totalOf = (parts: Parts): number => Object.values(parts).reduce((sum, bytes) => sum + bytes, 0);

const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(1)} KB`;
