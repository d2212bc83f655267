import type { Source } from './source.ts';

/** The Genesys organisation a source speaks for. */
export const orgOf = (source: Source): string => source.org ?? source.key;
