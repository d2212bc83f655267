import type { Row } from './row.ts';

/** One thing that is measured; `npm run bench -- --only <name>` runs it alone. */
export interface Benchmark {
  readonly name: string;
  run(): Promise<Result>;
}

export interface Result {
  readonly rows: readonly Row[];
  /** What belongs on the terminal only, because it changes with every build. */
  readonly listing?: readonly string[];
}
