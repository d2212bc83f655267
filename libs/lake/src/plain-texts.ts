import { growingIntegers } from './growing-integers.ts';

/**
 * Texts as Parquet writes them plainly: each in UTF-8 behind its length in four bytes. They stay bytes from one file to the
 * next; as strings, those of 100,000 rows would take hundreds of megabytes and most of the time.
 */
export interface PlainTexts {
  readonly bytes: Buffer;
  /** Text `n` lies, its length included, from `offsets[n]` up to `offsets[n + 1]`. */
  readonly offsets: Int32Array;
}

const LENGTH_BYTES = 4;
/** The most bytes of UTF-8 that one unit of UTF-16 becomes. */
const MAX_UTF8_BYTES = 3;

export const NO_TEXTS: PlainTexts = { bytes: Buffer.alloc(0), offsets: new Int32Array(1) };

export const textCount = ({ offsets }: PlainTexts): number => offsets.length - 1;

/** One of them as a string. */
export const textAt = ({ bytes, offsets }: PlainTexts, index: number): string =>
  bytes.toString('utf8', (offsets[index] ?? 0) + LENGTH_BYTES, offsets[index + 1]);

/**
 * Finds the texts in a page.
 *
 * @throws RangeError when they are not as many, or not as long, as they should be
 */
export function plainTexts(bytes: Buffer, count: number): PlainTexts {
  if (count * LENGTH_BYTES > bytes.length) throw new RangeError('the texts do not fit into their page');
  const offsets = new Int32Array(count + 1);
  let next = 0;
  for (let index = 0; index < count; index += 1) {
    next += LENGTH_BYTES + bytes.readUInt32LE(next);
    offsets[index + 1] = next;
  }
  if (next !== bytes.length) throw new RangeError('the texts do not fill their page');
  return { bytes, offsets };
}

/** Collects texts that are strings so far. */
export interface TextCollector {
  /** Answers the text's number. */
  add(text: string): number;
  collected(): PlainTexts;
}

/**
 * Half a surrogate pair has no UTF-8 and becomes U+FFFD here.
 *
 * @param expected how many texts there will be: room is made for as many of the length of those that came first
 */
export function textCollector(expected: number): TextCollector {
  let bytes: Buffer = Buffer.allocUnsafeSlow(1024);
  const offsets = growingIntegers();
  offsets.push(0);
  let end = 0;
  return {
    add: (text) => {
      const most = end + LENGTH_BYTES + text.length * MAX_UTF8_BYTES;
      if (most > bytes.length) {
        const estimate = (end / offsets.length()) * expected * 1.1;
        bytes = grown(bytes, end, Math.max(most, estimate));
      }
      const length = bytes.write(text, end + LENGTH_BYTES, 'utf8');
      bytes.writeUInt32LE(length, end);
      end += LENGTH_BYTES + length;
      offsets.push(end);
      return offsets.length() - 2;
    },
    collected: () => ({ bytes: bytes.subarray(0, end), offsets: offsets.integers() }),
  };
}

/** Collects each text once: one that is there already keeps its number. */
export function textDictionary(): TextCollector {
  const { add, collected } = textCollector(0);
  const known = new Map<string, number>();
  return {
    add: (given) => {
      const text = given.toWellFormed();
      const number = known.get(text);
      if (number !== undefined) return number;
      const fresh = add(text);
      known.set(text, fresh);
      return fresh;
    },
    collected,
  };
}

function grown(bytes: Buffer, end: number, least: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(Math.max(Math.ceil(least), 2 * bytes.length));
  bytes.copy(larger, 0, 0, end);
  return larger;
}

/** One collection after the other; the numbers of the later ones move up. */
export function concatTexts(parts: readonly PlainTexts[]): PlainTexts {
  const offsets = new Int32Array(parts.reduce((sum, part) => sum + textCount(part), 1));
  let count = 0;
  let end = 0;
  for (const part of parts) {
    for (let index = 1; index < part.offsets.length; index += 1) {
      count += 1;
      offsets[count] = end + at(part.offsets, index);
    }
    end += part.bytes.length;
  }
  return { bytes: Buffer.concat(parts.map(({ bytes }) => bytes)), offsets };
}

/** The texts of these numbers, in this order, as a page has them. Neighbours are copied together. */
export function pickTexts({ bytes, offsets }: PlainTexts, numbers: Int32Array): Buffer {
  let length = 0;
  for (let index = 0; index < numbers.length; index += 1) {
    const number = at(numbers, index);
    length += at(offsets, number + 1) - at(offsets, number);
  }
  const picked = Buffer.allocUnsafeSlow(length);
  let end = 0;
  for (let first = 0; first < numbers.length; ) {
    let last = first;
    while (numbers[last + 1] === at(numbers, last) + 1) last += 1;
    end += bytes.copy(picked, end, at(offsets, at(numbers, first)), at(offsets, at(numbers, last) + 1));
    first = last + 1;
  }
  return picked;
}

/** A number that is there by construction. */
const at = (numbers: Int32Array, index: number): number => numbers[index] ?? 0;
