import { crc32 } from 'node:zlib';

/**
 * Every file begins with Parquet's magic and the CRC-32 of all that follows; readers skip it, as pages are found through the
 * footer. A footer with one bit changed can keep a reader busy for ever, so nothing is parsed before it is checked.
 */
export const CHECKSUM_BYTES = 4;
const MAGIC = Buffer.from('PAR1');
const CHECKED_FROM = MAGIC.length + CHECKSUM_BYTES;

/** Fills in the checksum of a file that has room for it. */
export function writeChecksum(file: Uint8Array): void {
  viewOf(file).setUint32(MAGIC.length, crc32(file.subarray(CHECKED_FROM)), true);
}

/** Whether the file is, to the last bit, one that was written here. */
export function isWhole(file: Uint8Array): boolean {
  if (file.length < CHECKED_FROM || MAGIC.compare(file, 0, MAGIC.length) !== 0) return false;
  return viewOf(file).getUint32(MAGIC.length, true) === crc32(file.subarray(CHECKED_FROM));
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);
