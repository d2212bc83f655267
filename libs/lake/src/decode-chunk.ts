import { zstdDecompressSync } from 'node:zlib';
import type { ColumnMetaData, PageHeader } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js';
import { type ColumnVector, NO_TEXT, numbersFrom } from './column-vector.ts';
import type { OutcomeColumn } from './outcome-columns.ts';
import { readPlainNumbers } from './plain-numbers.ts';
import { plainTexts, textCount } from './plain-texts.ts';
import { listOffsets, type RowLevels } from './row-levels.ts';

/**
 * Reads back what `encodeChunk` wrote, from the bytes of the whole file.
 *
 * @throws Error of any kind when the chunk is damaged
 */
export function decodeChunk(column: OutcomeColumn, file: Uint8Array, meta: ColumnMetaData): ColumnVector {
  const start = Number(meta.dictionary_page_offset ?? meta.data_page_offset);
  const chunk = file.subarray(start, start + Number(meta.total_compressed_size));
  const reader = { view: viewOf(chunk), offset: 0 };
  const dictionary = meta.dictionary_page_offset === undefined ? undefined : readDictionaryPage(reader);
  const data = readDataPage(column, reader, Number(meta.num_values));
  if ((data.encoding === 'RLE_DICTIONARY') !== (dictionary !== undefined)) {
    throw new TypeError(`the dictionary does not fit the encoding ${data.encoding}`);
  }
  switch (column.type) {
    case 'string':
    case 'list<string>':
      return textVector(column, data, dictionary);
    case 'double':
    case 'int32':
    case 'timestamp':
    case 'boolean':
      return numberVector(column, data, dictionary);
  }
}

/** The least that zlib takes; the whole page at once saves it from collecting pieces of 16 KB. */
const MIN_CHUNK_BYTES = 64;

interface Reader {
  readonly view: DataView;
  offset: number;
}
interface DictionaryPage {
  readonly page: Buffer;
  readonly count: number;
}
interface DataPage {
  readonly levels: RowLevels;
  readonly encoding: string;
  /** How many of the slots have a value. */
  readonly valueCount: number;
  readonly values: Buffer;
}

function readDictionaryPage(reader: Reader): DictionaryPage {
  const { header, page } = readPage(reader);
  if (!header.dictionary_page_header) throw new TypeError('a dictionary page was expected');
  return { page, count: header.dictionary_page_header.num_values };
}

function readDataPage({ type, nullable }: OutcomeColumn, reader: Reader, slots: number): DataPage {
  const { header, page } = readPage(reader);
  if (!header.data_page_header) throw new TypeError('a data page was expected');
  const { num_values, encoding } = header.data_page_header;
  if (num_values !== slots) throw new RangeError('a page is not as long as its chunk');
  const levels = { view: viewOf(page), offset: 0 };
  const repetition = type === 'list<string>' ? readLevels(levels, slots) : undefined;
  const definition = type === 'list<string>' || nullable ? readLevels(levels, slots) : undefined;
  return {
    levels: { slots, ...(definition && { definition }), ...(repetition && { repetition }) },
    encoding,
    valueCount: definition ? countOf(definition) : slots,
    values: page.subarray(levels.offset),
  };
}

function countOf(levels: Uint8Array): number {
  let count = 0;
  for (let slot = 0; slot < levels.length; slot += 1) count += levels[slot] ?? 0;
  return count;
}

function readPage(reader: Reader): { header: PageHeader; page: Buffer } {
  const header = parquetHeader(reader);
  const { buffer, byteOffset } = reader.view;
  const compressed = new Uint8Array(buffer, byteOffset + reader.offset, header.compressed_page_size);
  reader.offset += header.compressed_page_size;
  const page = zstdDecompressSync(compressed, {
    chunkSize: Math.max(MIN_CHUNK_BYTES, header.uncompressed_page_size),
  });
  if (page.length !== header.uncompressed_page_size) throw new RangeError('a page is not as long as it says');
  return { header, page };
}

/** They stand behind their length in bytes. */
function readLevels(reader: Reader, count: number): Uint8Array {
  const levels = new Uint8Array(count);
  readRleBitPackedHybrid(reader, 1, levels);
  return levels;
}

/**
 * They stand behind the number of bits that each one takes.
 *
 * @throws RangeError when one points beyond the dictionary
 */
function readIndexes({ values, valueCount }: DataPage, entries: number): Int32Array {
  const indexes = new Int32Array(valueCount);
  const reader = { view: viewOf(values), offset: 1 };
  readRleBitPackedHybrid(reader, reader.view.getUint8(0), indexes, values.length - 1);
  for (let position = 0; position < indexes.length; position += 1) {
    if ((indexes[position] ?? 0) >= entries) throw new RangeError('a value is not in its dictionary');
  }
  return indexes;
}

function textVector(
  column: OutcomeColumn,
  data: DataPage,
  dictionary: DictionaryPage | undefined,
): ColumnVector {
  const { page, count } = dictionary ?? { page: data.values, count: data.valueCount };
  const texts = plainTexts(page, count);
  const numbers = dictionary ? readIndexes(data, textCount(texts)) : numbersFrom(0, count);
  if (column.type === 'list<string>')
    return { kind: 'lists', texts, numbers, offsets: listOffsets(data.levels) };
  const rows = new Int32Array(data.levels.slots).fill(NO_TEXT);
  spread(numbers, data.levels, rows);
  return { kind: 'texts', texts, numbers: rows };
}

function numberVector(
  { type }: OutcomeColumn,
  data: DataPage,
  dictionary: DictionaryPage | undefined,
): ColumnVector {
  const rows = new Float64Array(data.levels.slots).fill(NaN);
  spread(numbersOf(type, data, dictionary), data.levels, rows);
  return { kind: 'numbers', values: rows };
}

function numbersOf(
  type: OutcomeColumn['type'],
  data: DataPage,
  dictionary: DictionaryPage | undefined,
): Float64Array {
  if (!dictionary) return readPlainNumbers(type, data.values, data.valueCount);
  const entries = readPlainNumbers(type, dictionary.page, dictionary.count);
  const numbers = new Float64Array(data.valueCount);
  const indexes = readIndexes(data, entries.length);
  for (let position = 0; position < indexes.length; position += 1) {
    numbers[position] = entries[indexes[position] ?? 0] ?? NaN;
  }
  return numbers;
}

/** Puts each value into its row; rows without one stay as they are. */
function spread<T extends Int32Array | Float64Array>(values: T, { definition }: RowLevels, rows: T): void {
  if (!definition) {
    rows.set(values);
    return;
  }
  let next = 0;
  for (let row = 0; row < definition.length; row += 1) {
    if (definition[row] === 0) continue;
    rows[row] = values[next] ?? NaN;
    next += 1;
  }
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);
