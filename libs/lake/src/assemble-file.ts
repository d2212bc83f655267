import type { ColumnChunk, RowGroup } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import { type ColumnVector, rowCountOf } from './column-vector.ts';
import { encodeChunk, type EncodedChunk, type RowRange } from './encode-chunk.ts';
import { CHECKSUM_BYTES, writeChecksum } from './file-checksum.ts';
import { LAKE_SCHEMA_VERSION, type OutcomeColumn } from './outcome-columns.ts';
import { FILE_SCHEMA } from './parquet-schema.ts';

/** The key in a file's metadata under which its schema version stands. */
export const VERSION_KEY = 'aftercall.schema_version';

/** Small enough for a page of any column to stay a few megabytes, large enough for a dictionary to pay. */
const ROW_GROUP_ROWS = 32_768;
/** More than the footer of a usual file has; where it is too little, the writer makes room. */
const FOOTER_BYTES = 64 * 1024;
const MAGIC = Buffer.from('PAR1');

/** A column's chunks, one for each row group. */
export type EncodedColumn = readonly EncodedChunk[];

/** Cuts a column into row groups and encodes each. */
export function encodeColumn(column: OutcomeColumn, vector: ColumnVector): EncodedColumn {
  return rowGroups(rowCountOf(vector)).map((range) => encodeChunk(column, vector, range));
}

/** Puts the chunks of all columns together to a file. */
export function assembleFile(columns: readonly EncodedColumn[], rowCount: number): Uint8Array {
  const bytes = columns.flat().reduce((sum, { meta }) => sum + meta.total_compressed_size, 0n);
  const writer = new ByteWriter(Number(bytes) + FOOTER_BYTES);
  writer.appendBytes(MAGIC);
  writer.appendBytes(new Uint8Array(CHECKSUM_BYTES));
  const row_groups = rowGroups(rowCount).map((range, group) =>
    appendRowGroup(
      writer,
      columns.flatMap((chunks) => chunks[group] ?? []),
      range,
    ),
  );
  writeMetadata(writer, {
    version: 1,
    schema: [...FILE_SCHEMA],
    num_rows: BigInt(rowCount),
    row_groups,
    key_value_metadata: [{ key: VERSION_KEY, value: String(LAKE_SCHEMA_VERSION) }],
    created_by: `aftercall version ${LAKE_SCHEMA_VERSION}`,
    metadata_length: 0,
  });
  writer.appendBytes(MAGIC);
  const file = writer.getBytes();
  writeChecksum(file);
  return file;
}

function rowGroups(rowCount: number): readonly RowRange[] {
  const count = Math.ceil(rowCount / ROW_GROUP_ROWS);
  return Array.from({ length: count }, (_, group) => ({
    start: group * ROW_GROUP_ROWS,
    end: Math.min(rowCount, (group + 1) * ROW_GROUP_ROWS),
  }));
}

function appendRowGroup(
  writer: ByteWriter,
  chunks: readonly EncodedChunk[],
  { start, end }: RowRange,
): RowGroup {
  const firstByte = writer.offset;
  return {
    columns: chunks.map((chunk) => appendChunk(writer, chunk)),
    num_rows: BigInt(end - start),
    total_byte_size: chunks.reduce((sum, { meta }) => sum + meta.total_uncompressed_size, 0n),
    total_compressed_size: BigInt(writer.offset - firstByte),
  };
}

/** From here on the chunk's offsets count from the first byte of the file. */
function appendChunk(writer: ByteWriter, { parts, meta }: EncodedChunk): ColumnChunk {
  const start = BigInt(writer.offset);
  for (const part of parts) writer.appendBytes(part);
  const { dictionary_page_offset } = meta;
  return {
    file_offset: start,
    meta_data: {
      ...meta,
      data_page_offset: start + meta.data_page_offset,
      ...(dictionary_page_offset !== undefined && { dictionary_page_offset: start + dictionary_page_offset }),
    },
  };
}
