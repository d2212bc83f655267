import { constants, zstdCompressSync } from 'node:zlib';
import type { ColumnMetaData, Encoding, PageHeader, Statistics } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { writeRleBitPackedHybrid } from 'hyparquet-writer/src/encoding.js';
import { type ColumnVector, NO_TEXT } from './column-vector.ts';
import { DISTINCT_COLUMNS, type OutcomeColumn } from './outcome-columns.ts';
import { leafOf } from './parquet-schema.ts';
import { plainNumbers } from './plain-numbers.ts';
import { pickTexts, type PlainTexts, textCount } from './plain-texts.ts';
import { definedNumbers, definedTexts, listLevels, type RowLevels } from './row-levels.ts';

/** Rows from `start` up to `end`. */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

/** A column's part of a row group, its offsets counted from its own first byte. */
export interface EncodedChunk {
  /** To be laid end to end: they are copied once, into the file. */
  readonly parts: readonly Uint8Array[];
  readonly meta: ColumnMetaData;
}

/** Most bytes are ids of random digits, of which only Huffman coding makes something: the lowest level is the smallest. */
const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const MIN_CHUNK_BYTES = 64;
const LENGTH_BYTES = 4;

/**
 * Encodes a column's part of one row group: a dictionary page where values repeat, and one data page. Only what every
 * reader knows is used (pages of version 1, PLAIN and RLE_DICTIONARY): Athena, Spectrum and DuckDB all read these files.
 *
 * hyparquet-writer's own column writer wants each value of each row, which takes at least twice the time and the memory;
 * its page headers, its runs of levels and indexes and its metadata are used as they are.
 *
 * @throws RangeError when a column that must have a value has none
 * @see https://github.com/apache/parquet-format/blob/master/Encodings.md
 */
export function encodeChunk(column: OutcomeColumn, vector: ColumnVector, range: RowRange): EncodedChunk {
  const { levels, body, statistics } = contentOf(column, vector, range);
  const dictionary = body.dictionary && dictionaryPage(body.dictionary);
  const data = dataPage(levels, body);
  const pages = dictionary ? [dictionary, data] : [data];
  const { type, path } = leafOf(column);
  return {
    parts: pages.flatMap(({ parts }) => parts),
    meta: {
      type,
      encodings: dictionary ? ['PLAIN', 'RLE', body.encoding] : ['RLE', body.encoding],
      path_in_schema: [...path],
      codec: 'ZSTD',
      num_values: BigInt(levels.slots),
      total_uncompressed_size: BigInt(sum(pages.map(({ uncompressedBytes }) => uncompressedBytes))),
      total_compressed_size: BigInt(sum(pages.map(({ bytes }) => bytes))),
      data_page_offset: BigInt(dictionary?.bytes ?? 0),
      ...(dictionary && { dictionary_page_offset: 0n }),
      ...(statistics && { statistics }),
    },
  };
}

interface Content {
  readonly levels: RowLevels;
  readonly body: Body;
  readonly statistics?: Statistics;
}

/** The values of a data page, and the dictionary that they are indexes of. */
interface Body {
  readonly encoding: Encoding;
  readonly values: Uint8Array;
  readonly dictionary?: { readonly page: Uint8Array; readonly count: number };
}

function contentOf(column: OutcomeColumn, vector: ColumnVector, { start, end }: RowRange): Content {
  switch (vector.kind) {
    case 'texts': {
      const { levels, values } = definedTexts(column, vector.numbers.subarray(start, end));
      const null_count = BigInt(end - start - values.length);
      return { levels, body: textBody(column, vector.texts, values), statistics: { null_count } };
    }
    case 'numbers': {
      const { levels, values } = definedNumbers(column, vector.values.subarray(start, end));
      const null_count = BigInt(end - start - values.length);
      return {
        levels,
        body: numberBody(column, values),
        statistics: { null_count, ...boundsOf(column, values) },
      };
    }
    case 'lists': {
      const offsets = vector.offsets.subarray(start, end + 1);
      const numbers = vector.numbers.subarray(offsets[0], offsets.at(-1));
      return { levels: listLevels(offsets), body: textBody(column, vector.texts, numbers) };
    }
  }
}

function textBody({ name }: OutcomeColumn, texts: PlainTexts, numbers: Int32Array): Body {
  if (DISTINCT_COLUMNS.has(name) || numbers.length === 0) {
    return { encoding: 'PLAIN', values: pickTexts(texts, numbers) };
  }
  const { used, indexes } = renumbered(texts, numbers);
  return {
    encoding: 'RLE_DICTIONARY',
    values: indexBytes(indexes, used.length),
    dictionary: { page: pickTexts(texts, used), count: used.length },
  };
}

/** By first use, so that a text nobody has any more is dropped, and equal rows have equal bytes. */
function renumbered(texts: PlainTexts, numbers: Int32Array): { used: Int32Array; indexes: Int32Array } {
  const indexOf = new Int32Array(textCount(texts)).fill(NO_TEXT);
  const used = new Int32Array(Math.min(numbers.length, indexOf.length));
  const indexes = new Int32Array(numbers.length);
  let count = 0;
  for (let position = 0; position < numbers.length; position += 1) {
    const number = numbers[position] ?? 0;
    if (indexOf[number] === NO_TEXT) {
      indexOf[number] = count;
      used[count] = number;
      count += 1;
    }
    indexes[position] = indexOf[number] ?? 0;
  }
  return { used: used.subarray(0, count), indexes };
}

function numberBody({ type }: OutcomeColumn, values: Float64Array): Body {
  const dictionary = type === 'boolean' ? undefined : numberDictionary(values);
  if (!dictionary) return { encoding: 'PLAIN', values: plainNumbers(type, values) };
  const { entries, indexes } = dictionary;
  return {
    encoding: 'RLE_DICTIONARY',
    values: indexBytes(indexes, entries.length),
    dictionary: { page: plainNumbers(type, entries), count: entries.length },
  };
}

/** Undefined when more than half of the numbers are different: indexes would cost more than they save. */
function numberDictionary(values: Float64Array): { entries: Float64Array; indexes: Int32Array } | undefined {
  const most = values.length / 2;
  const known = new Map<number, number>();
  const indexes = new Int32Array(values.length);
  for (let position = 0; position < values.length; position += 1) {
    const value = values[position] ?? 0;
    const index = known.get(value) ?? known.size;
    if (index >= most) return undefined;
    known.set(value, index);
    indexes[position] = index;
  }
  return known.size > 0 ? { entries: Float64Array.from(known.keys()), indexes } : undefined;
}

function indexBytes(indexes: Int32Array, entries: number): Uint8Array {
  const bitWidth = 32 - Math.clz32(entries - 1);
  const writer = new ByteWriter();
  writer.appendUint8(bitWidth);
  writeRleBitPackedHybrid(writer, indexes, bitWidth);
  return writer.getBytes();
}

/** A page with its header. */
interface EncodedPage {
  readonly parts: readonly Uint8Array[];
  readonly bytes: number;
  /** Before compression, the header included. */
  readonly uncompressedBytes: number;
}

const dictionaryPage = ({ page, count }: NonNullable<Body['dictionary']>): EncodedPage =>
  encodedPage(page, {
    type: 'DICTIONARY_PAGE',
    dictionary_page_header: { num_values: count, encoding: 'PLAIN' },
  });

function dataPage({ slots, definition, repetition }: RowLevels, { encoding, values }: Body): EncodedPage {
  const levels = [repetition, definition].flatMap((each) => (each ? levelBytes(each) : []));
  return encodedPage(levels.length > 0 ? Buffer.concat([...levels, values]) : values, {
    type: 'DATA_PAGE',
    data_page_header: {
      num_values: slots,
      encoding,
      definition_level_encoding: 'RLE',
      repetition_level_encoding: 'RLE',
    },
  });
}

/** One bit each, behind their length in bytes. */
function levelBytes(levels: Uint8Array): readonly Uint8Array[] {
  const runs = new ByteWriter();
  writeRleBitPackedHybrid(runs, levels, 1);
  const length = new ByteWriter(LENGTH_BYTES);
  length.appendUint32(runs.offset);
  return [length.getBytes(), runs.getBytes()];
}

function encodedPage(
  page: Uint8Array,
  header: Omit<PageHeader, 'uncompressed_page_size' | 'compressed_page_size'>,
): EncodedPage {
  // Room for the whole at once: by default zlib collects pieces of 16 KB and copies them together.
  const compressed = zstdCompressSync(page, { ...ZSTD, chunkSize: page.length + MIN_CHUNK_BYTES });
  const writer = new ByteWriter();
  writePageHeader(writer, {
    ...header,
    uncompressed_page_size: page.length,
    compressed_page_size: compressed.length,
  });
  return {
    parts: [writer.getBytes(), compressed],
    bytes: writer.offset + compressed.length,
    uncompressedBytes: writer.offset + page.length,
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** By these queries leave row groups out. Bounds of ids would help nobody. */
function boundsOf({ type }: OutcomeColumn, values: Float64Array): Statistics {
  if (values.length === 0 || type === 'boolean') return {};
  let min_value = Infinity;
  let max_value = -Infinity;
  for (let position = 0; position < values.length; position += 1) {
    const value = values[position] ?? 0;
    if (value < min_value) min_value = value;
    if (value > max_value) max_value = value;
  }
  return { min_value, max_value };
}
