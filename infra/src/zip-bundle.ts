import { zipSync, type Zippable } from 'fflate';

/** The earliest time a zip can hold. */
const EPOCH = new Date(1980, 0, 1);
const UNIX = 3;
/** A regular file that everyone may read, as Lambda's user must. */
const READABLE_FILE = 0o100644 << 16;

/** Zips a bundle the way Lambda takes it; the same files give the same bytes, so that Terraform sees no change. */
export function zipBundle(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const entries: Zippable = Object.fromEntries(
    [...files]
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([file, content]) => [
        file,
        [content, { mtime: EPOCH, os: UNIX, attrs: READABLE_FILE, level: 9 }],
      ]),
  );
  return zipSync(entries);
}
