import { type OutcomeRow, validateOutcomeRow } from '@aftercall/schemas';
import { type ColumnVector, joinVectors, NO_TEXT } from './column-vector.ts';
import { LakeFileError } from './lake-file-error.ts';
import { openFile } from './open-file.ts';
import { OUTCOME_COLUMNS, type OutcomeColumn } from './outcome-columns.ts';
import { textAt } from './plain-texts.ts';
import { readVectors } from './read-vectors.ts';

/**
 * The rows of a file, times in UTC to the millisecond. For people and tests: nothing that writes needs rows.
 *
 * @throws LakeFileError
 */
export async function readOutcomes(bytes: Uint8Array): Promise<OutcomeRow[]> {
  const file = openFile(bytes);
  const columns = OUTCOME_COLUMNS.map((column) => ({
    name: column.name,
    values: valuesOf(column, joinVectors(column, readVectors(file, column))),
  }));
  return Array.from({ length: file.rowCount }, (_, row) => {
    const fields: unknown = Object.fromEntries(columns.map(({ name, values }) => [name, values[row]]));
    if (!validateOutcomeRow(fields)) throw new LakeFileError('corrupt', `its row ${row} is none of ours`);
    return fields;
  });
}

function valuesOf(column: OutcomeColumn, vector: ColumnVector): readonly unknown[] {
  switch (vector.kind) {
    case 'texts':
      return Array.from(vector.numbers, (number) =>
        number === NO_TEXT ? null : textAt(vector.texts, number),
      );
    case 'lists':
      return Array.from(vector.offsets.subarray(1), (end, row) =>
        Array.from(vector.numbers.subarray(vector.offsets[row], end), (number) =>
          textAt(vector.texts, number),
        ),
      );
    case 'numbers':
      return Array.from(vector.values, (value) => (Number.isNaN(value) ? null : scalarOf(column, value)));
  }
}

function scalarOf({ type }: OutcomeColumn, value: number): unknown {
  if (type === 'timestamp') return new Date(value).toISOString();
  return type === 'boolean' ? value === 1 : value;
}
