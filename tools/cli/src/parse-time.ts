import { usage } from './cli-error.ts';

const UNIT_SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3_600, d: 86_400 };

/**
 * Reads a time that was given as an option: ISO 8601, or how long ago (`30m`, `2h`, `3d`).
 *
 * @throws CliError with exit code 2 naming the option
 */
export function parseTime(option: string, text: string, now: Date): Date {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const time =
    count !== undefined && unit !== undefined
      ? new Date(now.getTime() - Number(count) * (UNIT_SECONDS[unit] ?? 0) * 1000)
      : new Date(text);
  if (!Number.isNaN(time.getTime())) return time;
  throw usage(`${option} ${text} is no time`, 'use 30m, 2h, 3d or 2026-11-20T14:00:00Z');
}
