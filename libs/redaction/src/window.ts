/** The part of the document that is in memory. Reading goes over it byte by byte, so it is a record and no object with methods. */
export interface Window {
  /** Valid up to `end`; the byte at `end` is 0, which is nothing in JSON, so that a loop stops there by itself. */
  bytes: Buffer;
  end: number;
  /** Index of the next byte to read. */
  at: number;
  /** Offset in the document of the byte at index 0. */
  base: number;
}

const FIRST_BYTES = 256 * 1024;

export function createWindow(): Window {
  return { bytes: Buffer.alloc(FIRST_BYTES), end: 0, at: 0, base: 0 };
}

/**
 * Puts the next bytes of the document behind those that are here.
 *
 * @param keepFrom offset in the document below which nothing is needed any more
 */
export function append(window: Window, chunk: Uint8Array, keepFrom: number): void {
  if (window.end + chunk.length >= window.bytes.length) makeRoom(window, chunk.length, keepFrom);
  window.bytes.set(chunk, window.end);
  window.end += chunk.length;
  window.bytes[window.end] = 0;
}

function makeRoom(window: Window, more: number, keepFrom: number): void {
  const dropped = keepFrom - window.base;
  const kept = window.end - dropped;
  const needed = kept + more + 1;
  // Half of it stays free at least, so that not every chunk moves what is kept.
  const target = needed * 2 > window.bytes.length ? Buffer.allocUnsafe(needed * 4) : window.bytes;
  window.bytes.copy(target, 0, dropped, window.end);
  window.bytes = target;
  window.end = kept;
  window.at -= dropped;
  window.base = keepFrom;
}
