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
  switch (type) {
    case 'double':
      return new Float64Array(aligned(bytes, 8 * count));
    case 'int32':
      return new Float64Array(new Int32Array(aligned(bytes, 4 * count)));
    case 'timestamp':
      return fromInt64(new Uint32Array(aligned(bytes, 8 * count)));
    case 'boolean':
      return fromBits(new Uint8Array(aligned(bytes, Math.ceil(count / 8))), count);
    case 'string':
    case 'list<string>':
      throw new TypeError(`${type} is no number`);
  }
}

/** The first bytes in a buffer of their own, where numbers may begin. */
function aligned({ buffer, byteOffset, byteLength }: Uint8Array, length: number): ArrayBufferLike {
  if (length > byteLength) throw new RangeError('the numbers do not fit into their page');
  return buffer.slice(byteOffset, byteOffset + length);
}

function fromInt64(halves: Uint32Array): Float64Array {
  const numbers = new Float64Array(halves.length / 2);
  for (let index = 0; index < numbers.length; index += 1) {
    numbers[index] = (halves[2 * index] ?? 0) + ((halves[2 * index + 1] ?? 0) | 0) * 2 ** 32;
  }
  return numbers;
}

function fromBits(bytes: Uint8Array, count: number): Float64Array {
  const numbers = new Float64Array(count);
  for (let index = 0; index < count; index += 1)
    numbers[index] = ((bytes[index >> 3] ?? 0) >> (index & 7)) & 1;
  return numbers;
}
