import { readFileSync } from 'node:fs';

/** AWS calls by operation, as counted. */
export type OperationCounts = Readonly<Record<string, number>>;

/** Something for each invocation that was looked at, of a function that is warm. */
type ForEachInvocation<Value> = Readonly<
  Record<
    | 'ingest: one outcome'
    | 'ingest: ten outcomes in a delivery'
    | 'processor: one outcome'
    | 'processor: ten outcomes of ten conversations'
    | 'processor: a duplicate'
    | 'lake-writer: ten outcomes'
    | 'compliance-router: one outcome'
    | 'transcript-fetcher: one transcript',
    Value
  >
>;

/** What was counted on the built bundles, and never typed in: tests of the benchmarks and of the end-to-end suite count anew and compare. */
export interface CountedFigures {
  readonly calls: ForEachInvocation<OperationCounts>;
  /** Of log lines and metrics. */
  readonly logBytes: ForEachInvocation<number>;
  /** What the bus is told of one outcome. */
  readonly factsPerOutcome: readonly string[];
}

export const COUNTED = JSON.parse(
  readFileSync(new URL('counted-figures.json', import.meta.url), 'utf8'),
) as CountedFigures;
