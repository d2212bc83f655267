import type { ColumnType } from './outcome-columns.ts';

/** Numbers in Parquet's plain encoding of their column's type. @throws TypeError for texts */
export function plainNumbers(type: ColumnType, numbers: Float64Array): Uint8Array {
  switch (type) {
    case 'double':
      return bytesOf(numbers);
    case 'int32':
      return bytesOf(Int32Array.from(numbers));
    case 'timestamp':
      return int64Bytes(numbers);
    case 'boolean':
      return bitBytes(numbers);
    case 'string':
    case 'list<string>':
      throw new TypeError(`${type} is no number`);
  }
}

/** In halves, because a bigint for each would take longer than all the rest. */
function int64Bytes(numbers: Float64Array): Uint8Array {
  const halves = new Uint32Array(numbers.length * 2);
  for (let index = 0; index < numbers.length; index += 1) {
    const number = numbers[index] ?? 0;
    halves[2 * index] = number;
    halves[2 * index + 1] = Math.floor(number / 2 ** 32);
  }
  return bytesOf(halves);
}

function bitBytes(numbers: Float64Array): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(numbers.length / 8));
  for (let index = 0; index < numbers.length; index += 1) {
    bytes[index >> 3] = (bytes[index >> 3] ?? 0) | ((numbers[index] ?? 0) << (index & 7));
  }
  return bytes;
}

/** Every machine this runs on is little-endian, as the file is. */
const bytesOf = ({ buffer, byteOffset, byteLength }: NodeJS.TypedArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** The other way round. @throws RangeError when the bytes are too few */
export function readPlainNumbers(type: ColumnType, bytes: Uint8Array, count: number): Float64Array {
  if (count > 8 * bytes.length) throw new RangeError('the numbers do not fit into their page');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numbers = new Float64Array(count);
  const read = readerOf(type, view);
  for (let index = 0; index < count; index += 1) numbers[index] = read(index);
  return numbers;
}

function readerOf(type: ColumnType, view: DataView): (index: number) => number {
  switch (type) {
    case 'double':
      return (index) => view.getFloat64(8 * index, true);
    case 'int32':
      return (index) => view.getInt32(4 * index, true);
    case 'timestamp':
      return (index) => view.getUint32(8 * index, true) + view.getInt32(8 * index + 4, true) * 2 ** 32;
    case 'boolean':
      return (index) => (view.getUint8(index >> 3) >> (index & 7)) & 1;
    case 'string':
    case 'list<string>':
      throw new TypeError(`${type} is no number`);
  }
}
