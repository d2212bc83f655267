import { DISTINCT_COLUMNS, type OutcomeColumn } from './outcome-columns.ts';
import { concatTexts, NO_TEXTS, type PlainTexts, textAt, textCount, textDictionary } from './plain-texts.ts';

/** All values of one column. Rows are never objects here. */
export type ColumnVector = TextVector | NumberVector | ListVector;

export interface TextVector {
  readonly kind: 'texts';
  readonly texts: PlainTexts;
  /** Which text each row has; `NO_TEXT` is null. */
  readonly numbers: Int32Array;
}
/** Truths are 0 and 1, times epoch milliseconds; NaN is null. */
export interface NumberVector {
  readonly kind: 'numbers';
  readonly values: Float64Array;
}
export interface ListVector {
  readonly kind: 'lists';
  readonly texts: PlainTexts;
  /** Which text each item is. */
  readonly numbers: Int32Array;
  /** Row `n` has the items from `offsets[n]` up to `offsets[n + 1]`. */
  readonly offsets: Int32Array;
}

export const NO_TEXT = -1;

export const rowCountOf = (vector: ColumnVector): number => {
  switch (vector.kind) {
    case 'texts':
      return vector.numbers.length;
    case 'numbers':
      return vector.values.length;
    case 'lists':
      return vector.offsets.length - 1;
  }
};

/** A column of nothing, for the rows of a file that does not have it yet. */
export function nullVector({ type }: OutcomeColumn, length: number): ColumnVector {
  switch (type) {
    case 'string':
      return { kind: 'texts', texts: NO_TEXTS, numbers: new Int32Array(length).fill(NO_TEXT) };
    case 'list<string>':
      return {
        kind: 'lists',
        texts: NO_TEXTS,
        numbers: new Int32Array(),
        offsets: new Int32Array(length + 1),
      };
    case 'timestamp':
    case 'double':
    case 'int32':
    case 'boolean':
      return { kind: 'numbers', values: new Float64Array(length).fill(NaN) };
  }
}

/** Puts parts of one column together, one after the other. */
export function joinVectors(column: OutcomeColumn, parts: readonly ColumnVector[]): ColumnVector {
  const [first, ...others] = parts;
  if (first && others.length === 0) return first;
  switch (column.type) {
    case 'string':
      return { kind: 'texts', ...joinTexts(column, parts.filter(isTexts)) };
    case 'list<string>': {
      const lists = parts.filter(isLists);
      return { kind: 'lists', ...joinTexts(column, lists), offsets: joinOffsets(lists) };
    }
    case 'timestamp':
    case 'double':
    case 'int32':
    case 'boolean':
      return { kind: 'numbers', values: joinNumbers(parts.filter(isNumbers)) };
  }
}

const isTexts = (vector: ColumnVector): vector is TextVector => vector.kind === 'texts';
const isLists = (vector: ColumnVector): vector is ListVector => vector.kind === 'lists';
const isNumbers = (vector: ColumnVector): vector is NumberVector => vector.kind === 'numbers';

type NumberedTexts = Pick<TextVector, 'texts' | 'numbers'>;

/** Where texts repeat, equal ones of different parts become one. */
function joinTexts({ name }: OutcomeColumn, parts: readonly NumberedTexts[]): NumberedTexts {
  const { texts, moved } = DISTINCT_COLUMNS.has(name) ? laidEndToEnd(parts) : united(parts);
  const numbers = new Int32Array(sum(parts.map((part) => part.numbers.length)));
  let next = 0;
  for (const [index, part] of parts.entries()) {
    const to = moved[index] ?? new Int32Array();
    for (let row = 0; row < part.numbers.length; row += 1, next += 1) {
      numbers[next] = to[part.numbers[row] ?? NO_TEXT] ?? NO_TEXT;
    }
  }
  return { texts, numbers };
}

interface JoinedTexts {
  readonly texts: PlainTexts;
  /** For each part, the new number of each of its texts. */
  readonly moved: readonly Int32Array[];
}

function laidEndToEnd(parts: readonly NumberedTexts[]): JoinedTexts {
  let count = 0;
  const moved = parts.map(({ texts }) => {
    const first = count;
    count += textCount(texts);
    return numbersFrom(first, count);
  });
  return { texts: concatTexts(parts.map(({ texts }) => texts)), moved };
}

function united(parts: readonly NumberedTexts[]): JoinedTexts {
  const { add, collected } = textDictionary();
  const moved = parts.map(({ texts }) =>
    new Int32Array(textCount(texts)).map((_, number) => add(textAt(texts, number))),
  );
  return { texts: collected(), moved };
}

/** The numbers from `start` up to `end`. */
export function numbersFrom(start: number, end: number): Int32Array {
  const numbers = new Int32Array(end - start);
  for (let index = 0; index < numbers.length; index += 1) numbers[index] = start + index;
  return numbers;
}

function joinOffsets(parts: readonly ListVector[]): Int32Array {
  const offsets = new Int32Array(sum(parts.map((part) => part.offsets.length - 1)) + 1);
  let row = 0;
  let items = 0;
  for (const part of parts) {
    for (let index = 1; index < part.offsets.length; index += 1) {
      row += 1;
      offsets[row] = items + (part.offsets[index] ?? 0);
    }
    items += part.numbers.length;
  }
  return offsets;
}

function joinNumbers(parts: readonly NumberVector[]): Float64Array {
  const values = new Float64Array(sum(parts.map((part) => part.values.length)));
  let next = 0;
  for (const part of parts) {
    values.set(part.values, next);
    next += part.values.length;
  }
  return values;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** The rows of these numbers, in this order. Plain loops: a typed array's own methods take thirty times as long. */
export function pickRows(vector: ColumnVector, rows: Int32Array): ColumnVector {
  switch (vector.kind) {
    case 'texts':
      return { ...vector, numbers: pickTextNumbers(vector.numbers, rows) };
    case 'numbers':
      return { ...vector, values: pickNumbers(vector.values, rows) };
    case 'lists':
      return pickLists(vector, rows);
  }
}

function pickTextNumbers(numbers: Int32Array, rows: Int32Array): Int32Array {
  const picked = new Int32Array(rows.length);
  for (let index = 0; index < rows.length; index += 1) picked[index] = numbers[rows[index] ?? -1] ?? NO_TEXT;
  return picked;
}

function pickNumbers(values: Float64Array, rows: Int32Array): Float64Array {
  const picked = new Float64Array(rows.length);
  for (let index = 0; index < rows.length; index += 1) picked[index] = values[rows[index] ?? -1] ?? NaN;
  return picked;
}

function pickLists({ kind, texts, numbers, offsets }: ListVector, rows: Int32Array): ListVector {
  const pickedOffsets = new Int32Array(rows.length + 1);
  const picked = new Int32Array(numbers.length);
  let next = 0;
  for (let index = 0; index < rows.length; index += 1) {
    const row = rows[index] ?? 0;
    const end = offsets[row + 1] ?? 0;
    for (let item = offsets[row] ?? 0; item < end; item += 1, next += 1)
      picked[next] = numbers[item] ?? NO_TEXT;
    pickedOffsets[index + 1] = next;
  }
  return { kind, texts, numbers: picked.subarray(0, next), offsets: pickedOffsets };
}
