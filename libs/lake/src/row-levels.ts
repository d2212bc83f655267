import { NO_TEXT } from './column-vector.ts';
import type { OutcomeColumn } from './outcome-columns.ts';

/**
 * How some rows of a column are laid down: for each slot whether it has a value (definition) and whether it goes on with
 * the row before (repetition), as 0 or 1. Neither lists nor their items are null, so one level of each kind is enough.
 *
 * @see https://github.com/apache/parquet-format#nested-encoding
 */
export interface RowLevels {
  readonly slots: number;
  /** Absent where every slot has a value. */
  readonly definition?: Uint8Array;
  /** Absent where every slot is a row. */
  readonly repetition?: Uint8Array;
}

/** The values that there are, and where. */
export interface Defined<V> {
  readonly levels: RowLevels;
  readonly values: V;
}

/** @throws RangeError when a column that must have a value has none */
export function definedTexts(column: OutcomeColumn, rows: Int32Array): Defined<Int32Array> {
  const definition = new Uint8Array(rows.length);
  const values = new Int32Array(rows.length);
  let count = 0;
  for (let row = 0; row < rows.length; row += 1) {
    const number = rows[row] ?? NO_TEXT;
    if (number === NO_TEXT) continue;
    definition[row] = 1;
    values[count] = number;
    count += 1;
  }
  return { levels: flatLevels(column, definition, count), values: values.subarray(0, count) };
}

/** @throws RangeError when a column that must have a value has none */
export function definedNumbers(column: OutcomeColumn, rows: Float64Array): Defined<Float64Array> {
  const definition = new Uint8Array(rows.length);
  const values = new Float64Array(rows.length);
  let count = 0;
  for (let row = 0; row < rows.length; row += 1) {
    const value = rows[row] ?? NaN;
    if (Number.isNaN(value)) continue;
    definition[row] = 1;
    values[count] = value;
    count += 1;
  }
  return { levels: flatLevels(column, definition, count), values: values.subarray(0, count) };
}

function flatLevels({ name, nullable }: OutcomeColumn, definition: Uint8Array, defined: number): RowLevels {
  if (nullable) return { slots: definition.length, definition };
  if (defined < definition.length) throw new RangeError(`${name} must have a value in every row`);
  return { slots: definition.length };
}

/**
 * An empty list is one slot without a value.
 *
 * @param offsets where each row's items begin, and behind the last row where they end
 */
export function listLevels(offsets: Int32Array): RowLevels {
  const rowCount = offsets.length - 1;
  const lengthOf = (row: number): number => (offsets[row + 1] ?? 0) - (offsets[row] ?? 0);
  let slots = 0;
  for (let row = 0; row < rowCount; row += 1) slots += Math.max(1, lengthOf(row));
  const definition = new Uint8Array(slots);
  const repetition = new Uint8Array(slots).fill(1);
  let slot = 0;
  for (let row = 0; row < rowCount; row += 1) {
    const end = slot + Math.max(1, lengthOf(row));
    repetition[slot] = 0;
    for (let item = slot; item < slot + lengthOf(row); item += 1) definition[item] = 1;
    slot = end;
  }
  return { slots, definition, repetition };
}

/** The other way round. */
export function listOffsets({ slots, definition, repetition }: RowLevels): Int32Array {
  const offsets = new Int32Array(slots + 1);
  let rows = 0;
  let items = 0;
  for (let slot = 0; slot < slots; slot += 1) {
    if (repetition?.[slot] === 0) rows += 1;
    items += definition?.[slot] ?? 0;
    offsets[rows] = items;
  }
  return offsets.subarray(0, rows + 1);
}
