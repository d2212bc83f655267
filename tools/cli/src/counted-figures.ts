import { readFileSync } from 'node:fs';

/** AWS calls by operation, as counted. */
export type OperationCounts = Readonly<Record<string, number>>;

/** What was counted on the built bundles, and never typed in: a test of the end-to-end suite counts anew and compares. */
export interface CountedFigures {
  /** Calls of a function that is warm, by what it was given. */
  readonly calls: {
    readonly 'ingest: one outcome': OperationCounts;
    readonly 'ingest: ten outcomes in a delivery': OperationCounts;
    readonly 'processor: one outcome': OperationCounts;
    readonly 'processor: a duplicate': OperationCounts;
    readonly 'lake-writer: ten outcomes': OperationCounts;
    readonly 'compliance-router: one outcome': OperationCounts;
    readonly 'transcript-fetcher: one transcript': OperationCounts;
  };
  /** What the bus is told of one outcome. */
  readonly factsPerOutcome: readonly string[];
}

export const COUNTED = JSON.parse(
  readFileSync(new URL('counted-figures.json', import.meta.url), 'utf8'),
) as CountedFigures;
