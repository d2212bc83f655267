import type { BackfillRun, Counts, MissingConversation } from './backfill-run.ts';

/** How complete a source's conversations of one UTC day are. */
export interface Completeness {
  readonly source: string;
  /** `YYYY-MM-DD`; a conversation belongs to the day on which it ended. */
  readonly date: string;
  readonly counts: Counts;
  /** 0 to 100; 100 when there was no conversation. */
  readonly percent: number;
  readonly isProvisional: boolean;
  /** Keys of the pages that list what is missing, 10,000 conversations at most. */
  readonly missingPages: readonly string[];
  readonly request: string;
  readonly updatedAt: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/** A part of the list of what is missing. */
export interface MissingPage {
  readonly key: string;
  readonly missing: readonly MissingConversation[];
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/** A request for every source, and the requests that it became. */
export interface RequestParts {
  readonly request: string;
  readonly parts: readonly string[];
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/** What is remembered of runs, and what they found out. */
export interface RunsStore {
  read(request: string): Promise<BackfillRun | undefined>;
  /** Writes the run as its next revision, unless somebody else has written since it was read. */
  write(run: BackfillRun): Promise<'written' | 'moved-on'>;
  putParts(parts: RequestParts): Promise<void>;
  putMissingPage(page: MissingPage): Promise<void>;
  /** Replaces what was known of the source and day, unless that is final and this is provisional. */
  putCompleteness(completeness: Completeness): Promise<void>;
}
