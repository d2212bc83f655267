import type { Loose } from './loose.ts';
import type { Source } from './source.ts';

/** As much of a source as an event keeps. */
export type SourceName = Loose<Pick<Source, 'key' | 'org'>>;

/** The Genesys organisation a source speaks for. */
export const orgOf = (source: SourceName): string => source.org ?? source.key;
