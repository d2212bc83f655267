/** Where the outcomes lie in the lake bucket. */
export const OUTCOMES_PREFIX = 'outcomes/';

/** What the key of a file says about its rows. */
export interface LakeKey {
  readonly source: string;
  /** The UTC day, `YYYY-MM-DD`. */
  readonly dt: string;
  /** The UTC hour, `00` to `23`. */
  readonly hour: string;
}

const KEY = /^outcomes\/source=([^/]+)\/dt=(\d{4}-\d{2}-\d{2})\/hour=([01]\d|2[0-3])\/part-[^/]+\.parquet$/;

/** Reads `outcomes/source={source}/dt=YYYY-MM-DD/hour=HH/part-{shard}.parquet`; `undefined` when a key is another. */
export function readLakeKey(key: string): LakeKey | undefined {
  const [, encoded, dt, hour] = KEY.exec(key) ?? [];
  const source = encoded === undefined ? undefined : decoded(encoded);
  if (source === undefined || dt === undefined || hour === undefined || !isDay(dt)) return undefined;
  return { source, dt, hour };
}

/** The source in a percent-encoded part of a key. */
export function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** `2026-02-30` has the form of a day and is none. */
function isDay(dt: string): boolean {
  const time = new Date(`${dt}T00:00:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(dt);
}
