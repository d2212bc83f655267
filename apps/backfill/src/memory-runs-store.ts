import type { BackfillRun } from './backfill-run.ts';
import type { Completeness, MissingPage, RequestParts, RunsStore } from './runs-store.ts';

/** A store in memory that can be looked into. */
export interface MemoryRunsStore extends RunsStore {
  readonly runs: ReadonlyMap<string, BackfillRun>;
  readonly parts: ReadonlyMap<string, RequestParts>;
  readonly missingPages: ReadonlyMap<string, MissingPage>;
  /** By source and date. */
  readonly completeness: ReadonlyMap<string, Completeness>;
}

/** For tests. */
export function memoryRunsStore(): MemoryRunsStore {
  const runs = new Map<string, BackfillRun>();
  const parts = new Map<string, RequestParts>();
  const missingPages = new Map<string, MissingPage>();
  const completeness = new Map<string, Completeness>();
  return {
    runs,
    parts,
    missingPages,
    completeness,
    read: async (request) => runs.get(request),
    write: async (run) => {
      if ((runs.get(run.request)?.revision ?? 0) !== run.revision) return 'moved-on';
      runs.set(run.request, structuredClone({ ...run, revision: run.revision + 1 }));
      return 'written';
    },
    putParts: async (made) => void parts.set(made.request, made),
    putMissingPage: async (page) => void missingPages.set(page.key, page),
    putCompleteness: async (made) => {
      const day = `${made.source} ${made.date}`;
      const isFinal = completeness.get(day)?.isProvisional === false;
      if (!made.isProvisional || !isFinal) completeness.set(day, made);
    },
  };
}
