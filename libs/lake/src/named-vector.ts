import { type ColumnVector, NO_TEXT } from './column-vector.ts';
import type { OutcomeColumn } from './outcome-columns.ts';
import { textAt } from './plain-texts.ts';

/** A column and its values in some rows. */
export interface NamedVector {
  readonly column: OutcomeColumn;
  readonly vector: ColumnVector;
}

/** The values of one column of numbers; NaN is null. */
export function numbersNamed(name: OutcomeColumn['name'], vectors: readonly NamedVector[]): Float64Array {
  const vector = vectorNamed(name, vectors);
  if (vector?.kind !== 'numbers') throw new TypeError(`${name} is no column of numbers`);
  return vector.values;
}

/** The values of one column of texts, null as an empty text. */
export function textsNamed(name: OutcomeColumn['name'], vectors: readonly NamedVector[]): readonly string[] {
  const vector = vectorNamed(name, vectors);
  if (vector?.kind !== 'texts') throw new TypeError(`${name} is no column of texts`);
  const { texts, numbers } = vector;
  return Array.from(numbers, (number) => (number === NO_TEXT ? '' : textAt(texts, number)));
}

const vectorNamed = (
  name: OutcomeColumn['name'],
  vectors: readonly NamedVector[],
): ColumnVector | undefined => vectors.find(({ column }) => column.name === name)?.vector;
