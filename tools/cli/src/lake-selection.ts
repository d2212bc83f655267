import { usage } from './cli-error.ts';
import type { LakeKey } from './lake-key.ts';
import { parseTime } from './parse-time.ts';

/** As it is given on the command line. */
export interface LakeOptions {
  readonly source?: string;
  /** A time, or how long ago: `2h`, `3d`. */
  readonly since?: string;
  readonly until?: string;
}

/** Which part of the lake is wanted: what is absent does not limit it. */
export interface LakeSelection {
  readonly source?: string;
  /** The first moment that belongs to it. */
  readonly since?: Date;
  /** The first moment that no longer does. */
  readonly until?: Date;
}

const HOUR_MILLIS = 3_600_000;

/** @throws CliError with exit code 2 for what is no time, or an empty stretch of it */
export function parseSelection({ source, since, until }: LakeOptions, now: Date): LakeSelection {
  const from = since === undefined ? undefined : parseTime('--since', since, now);
  const to = until === undefined ? undefined : parseTime('--until', until, now);
  if (from !== undefined && to !== undefined && from >= to)
    throw usage(`nothing lies between --since ${since ?? ''} and --until ${until ?? ''}`);
  return {
    ...(source !== undefined && { source }),
    ...(from !== undefined && { since: from }),
    ...(to !== undefined && { until: to }),
  };
}

/** Whether a file may hold rows of the selection, as far as its key says. */
export function mayHold({ source, since, until }: LakeSelection, key: LakeKey): boolean {
  if (source !== undefined && source !== key.source) return false;
  const startMillis = Date.parse(`${key.dt}T${key.hour}:00:00Z`);
  if (since !== undefined && startMillis + HOUR_MILLIS <= since.getTime()) return false;
  return until === undefined || startMillis < until.getTime();
}

/** Whether everything is wanted. */
export const isEverything = (selection: LakeSelection): boolean => Object.keys(selection).length === 0;
