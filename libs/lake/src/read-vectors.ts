import { type ColumnVector, nullVector, rowCountOf } from './column-vector.ts';
import { decodeChunk } from './decode-chunk.ts';
import { type OpenFile, uncorrupted } from './open-file.ts';
import type { OutcomeColumn } from './outcome-columns.ts';
import { leafOf } from './parquet-schema.ts';

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
