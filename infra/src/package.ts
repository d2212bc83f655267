// Zips a built app the way Lambda takes it; the same input gives the same bytes, so that Terraform sees no change.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync, type Zippable } from 'fflate';

/** The earliest time a zip can hold. */
const EPOCH = new Date(1980, 0, 1);
const UNIX = 3;
/** A regular file that everyone may read, as Lambda's user must. */
const READABLE_FILE = 0o100644 << 16;

const app = process.argv[2];
if (!app) throw new Error('usage: package.ts <app>');
const directory = join('dist/apps', app);

const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.mjs'))
  .sort();
const entries: Zippable = Object.fromEntries(
  files.map((file) => [
    file,
    [readFileSync(join(directory, file)), { mtime: EPOCH, os: UNIX, attrs: READABLE_FILE, level: 9 }],
  ]),
);
writeFileSync(`${directory}.zip`, zipSync(entries));
