/** `not-probed`: asking would change something, or there was no way to ask. */
export type Verdict = 'ok' | 'warn' | 'fail' | 'not-probed';

/** What one check of `doctor` came to. */
export interface Finding {
  readonly verdict: Verdict;
  readonly area:
    | 'secret'
    | 'login'
    | 'permission'
    | 'topic'
    | 'clock'
    | 'queue'
    | 'dead letters'
    | 'set aside';
  /** What was looked at, such as `main/backfill`. */
  readonly subject: string;
  readonly detail: string;
  /** What to do about it. */
  readonly next?: string;
}

/** Whether AWS knows who asks and does not let them; a check that fails so is no reason to end the others. */
export const isAccessDenied = (error: unknown): error is Error =>
  error instanceof Error && /AccessDenied/.test(error.name);

/** What to do about that. */
export const LET_ME_IN = 'use an AWS role that may look at it';
