import { isUtf8 } from 'node:buffer';
import { utf8Length } from './json-string.ts';

/** Checks UTF-8 chunk by chunk, whereever a chunk ends. */
export interface Utf8Check {
  /** The bytes of a character that is not complete yet. */
  rest: Buffer;
}

export const createUtf8Check = (): Utf8Check => ({ rest: Buffer.alloc(0) });

const MAX_CHARACTER_BYTES = 4;

/** Whether the document can go on like this. */
export function continuesUtf8(check: Utf8Check, chunk: Uint8Array): boolean {
  const missing = check.rest.length === 0 ? 0 : utf8Length(check.rest[0] ?? 0) - check.rest.length;
  const joined = Buffer.concat([check.rest, chunk.subarray(0, missing)]);
  if (missing > chunk.length) {
    check.rest = joined;
    return true;
  }
  const begun = incompleteAtEnd(chunk.subarray(missing));
  check.rest = Buffer.from(chunk.subarray(chunk.length - begun));
  return isUtf8(joined) && isUtf8(chunk.subarray(missing, chunk.length - begun));
}

/** How many of the last bytes are the beginning of a character that goes on behind them. */
function incompleteAtEnd(bytes: Uint8Array): number {
  for (let count = 1; count < MAX_CHARACTER_BYTES && count <= bytes.length; count += 1) {
    const byte = bytes[bytes.length - count] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return utf8Length(byte) > count ? count : 0;
  }
  return 0;
}
