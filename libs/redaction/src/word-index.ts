/** Finds what a stretch of bytes spells without making a string of it, which takes longer than all the rest. */
export interface WordIndex<T> {
  /** 0x20 where upper case counts as lower case, else 0. */
  readonly caseBit: number;
  /** Whether there is a word of the same shape at all, see `shapeOf`. */
  readonly shapes: Uint8Array;
  readonly words: ReadonlyMap<number, readonly Entry<T>[]>;
}

interface Entry<T> {
  readonly word: string;
  readonly value: T;
}

/** @param words of ASCII, others are never found; letters only, in lower case, where case does not matter */
export function createWordIndex<T>(
  words: Iterable<readonly [string, T]>,
  letterCase: 'any' | 'as is',
): WordIndex<T> {
  const caseBit = letterCase === 'any' ? 0x20 : 0;
  const entries = Array.from(words, ([word, value]) => ({ word, value, bytes: Buffer.from(word) }));
  const shapes = new Uint8Array(SHAPES);
  for (const { bytes } of entries) shapes[shapeOf(bytes, 0, bytes.length)] = 1;
  return {
    caseBit,
    shapes,
    words: Map.groupBy(entries, ({ bytes }) => hashOf(bytes, 0, bytes.length, caseBit)),
  };
}

/** What belongs to the word that these bytes spell. */
export function wordAt<T>(index: WordIndex<T>, bytes: Buffer, from: number, to: number): T | undefined {
  const { caseBit, shapes, words } = index;
  if (shapes[shapeOf(bytes, from, to)] === 0) return undefined;
  const candidates = words.get(hashOf(bytes, from, to, caseBit));
  if (!candidates) return undefined;
  for (const { word, value } of candidates) if (spells(bytes, from, to, caseBit, word)) return value;
  return undefined;
}

const SHAPES = 2 ** 14;

/** First and last letter, whatever their case, and length: most words share them with none that is looked for. */
const shapeOf = (bytes: Buffer, from: number, to: number): number =>
  (((bytes[from] ?? 0) & 31) << 9) | (((bytes[to - 1] ?? 0) & 31) << 4) | ((to - from) & 15);

function hashOf(bytes: Buffer, from: number, to: number, caseBit: number): number {
  let hash = to - from;
  for (let at = from; at < to; at += 1) hash = (Math.imul(hash, 31) + ((bytes[at] ?? 0) | caseBit)) | 0;
  return hash;
}

function spells(bytes: Buffer, from: number, to: number, caseBit: number, word: string): boolean {
  if (word.length !== to - from) return false;
  for (let at = from; at < to; at += 1) {
    if (((bytes[at] ?? 0) | caseBit) !== word.charCodeAt(at - from)) return false;
  }
  return true;
}
