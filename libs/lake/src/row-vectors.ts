import type { OutcomeRow } from '@aftercall/schemas';
import { type ColumnVector, NO_TEXT } from './column-vector.ts';
import { growingIntegers } from './growing-integers.ts';
import type { NamedVector } from './named-vector.ts';
import { DISTINCT_COLUMNS, OUTCOME_COLUMNS, type OutcomeColumn } from './outcome-columns.ts';
import { type TextCollector, textCollector, textDictionary } from './plain-texts.ts';

/**
 * Turns rows into columns. In one pass and in the order of the rows: they lie all over the memory, and each further look at
 * one costs more than all the rest.
 */
export function rowVectors(rows: readonly OutcomeRow[]): readonly NamedVector[] {
  const growing = OUTCOME_COLUMNS.map((column) => ({ column, ...growingVector(column, rows.length) }));
  for (const [index, row] of rows.entries()) {
    for (const { column, set } of growing) set(index, row[column.name]);
  }
  return growing.map(({ column, vector }) => ({ column, vector: vector() }));
}

type Value = OutcomeRow[keyof OutcomeRow];

interface GrowingVector {
  /** Rows come one after the other. */
  set(row: number, value: Value): void;
  vector(): ColumnVector;
}

function growingVector({ name, type }: OutcomeColumn, length: number): GrowingVector {
  switch (type) {
    case 'string':
      return growingTexts(length, DISTINCT_COLUMNS.has(name) ? textCollector(length) : textDictionary());
    case 'list<string>':
      return growingLists(length, textDictionary());
    case 'timestamp':
      return growingNumbers(length, (value) => Date.parse(String(value)));
    case 'double':
    case 'int32':
    case 'boolean':
      return growingNumbers(length, numberOf);
  }
}

function growingTexts(length: number, { add, collected }: TextCollector): GrowingVector {
  const numbers = new Int32Array(length);
  return {
    set: (row, value) => {
      numbers[row] = typeof value === 'string' ? add(value) : NO_TEXT;
    },
    vector: () => ({ kind: 'texts', texts: collected(), numbers }),
  };
}

function growingNumbers(length: number, valueOf: (value: Value) => number): GrowingVector {
  const values = new Float64Array(length);
  return {
    set: (row, value) => {
      values[row] = valueOf(value);
    },
    vector: () => ({ kind: 'numbers', values }),
  };
}

/** Adding zero takes the sign of a negative zero away: equal rows must have equal bytes. */
const numberOf = (value: Value): number =>
  typeof value === 'number' || typeof value === 'boolean' ? Number(value) + 0 : NaN;

function growingLists(length: number, { add, collected }: TextCollector): GrowingVector {
  const offsets = new Int32Array(length + 1);
  const numbers = growingIntegers();
  return {
    set: (row, value) => {
      if (Array.isArray(value)) for (const item of value) numbers.push(add(item));
      offsets[row + 1] = numbers.length();
    },
    vector: () => ({ kind: 'lists', texts: collected(), numbers: numbers.integers(), offsets }),
  };
}
