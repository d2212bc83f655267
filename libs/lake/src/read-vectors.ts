import { type ColumnVector, joinVectors, NO_TEXT, nullVector, rowCountOf } from './column-vector.ts';
import { decodeChunk } from './decode-chunk.ts';
import { type OpenFile, uncorrupted } from './open-file.ts';
import { OUTCOME_COLUMNS, type OutcomeColumn } from './outcome-columns.ts';
import { leafOf } from './parquet-schema.ts';
import { textAt } from './plain-texts.ts';

/**
 * Reads one column of a file, null in every row where the file does not have it yet.
 *
 * @returns a part for each row group
 * @throws LakeFileError when it is damaged
 */
export function readVectors(file: OpenFile, column: OutcomeColumn): readonly ColumnVector[] {
  if (!file.columns.has(column)) return [nullVector(column, file.rowCount)];
  return uncorrupted(`its column ${column.name} cannot be read`, () => {
    const path = leafOf(column).path.join('.');
    return file.metadata.row_groups.map(({ columns, num_rows }) => {
      const chunk = columns.find(({ meta_data }) => meta_data?.path_in_schema.join('.') === path);
      if (!chunk?.meta_data) throw new TypeError('a row group lacks it');
      const vector = decodeChunk(column, file.bytes, chunk.meta_data);
      if (BigInt(rowCountOf(vector)) !== num_rows) throw new RangeError('it is not as long as its row group');
      return vector;
    });
  });
}

/** A column of numbers as a whole; NaN is null. */
export function readNumbers(file: OpenFile, name: OutcomeColumn['name']): Float64Array {
  const vector = readWhole(file, name);
  if (vector.kind !== 'numbers') throw new TypeError(`${name} is no number`);
  return vector.values;
}

/** A column of texts as a whole, null as an empty text. */
export function readTexts(file: OpenFile, name: OutcomeColumn['name']): readonly string[] {
  const vector = readWhole(file, name);
  if (vector.kind !== 'texts') throw new TypeError(`${name} is no text`);
  const { texts, numbers } = vector;
  return Array.from(numbers, (number) => (number === NO_TEXT ? '' : textAt(texts, number)));
}

function readWhole(file: OpenFile, name: OutcomeColumn['name']): ColumnVector {
  const column = OUTCOME_COLUMNS.find((candidate) => candidate.name === name);
  if (!column) throw new TypeError(`there is no column ${name}`);
  return joinVectors(column, readVectors(file, column));
}
