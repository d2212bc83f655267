import { readFileSync } from 'node:fs';

/** The bytes of a recorded delivery, for tests. */
export const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`fixtures/${name}`, import.meta.url));
