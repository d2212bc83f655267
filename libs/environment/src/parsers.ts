// A few lines instead of a package: envalid alone took a twentieth of ingest's cold start.

/** Any text. */
export const text = (value: string): string => value;

/** A finite number. */
export function number(value: string): number {
  const parsed = Number(value);
  if (value.trim() === '' || !Number.isFinite(parsed)) throw new Error('is not a number');
  return parsed;
}

/** An absolute URL, as text. */
export function url(value: string): string {
  if (!URL.canParse(value)) throw new Error('is not a URL');
  return value;
}

/** `true` or `false`. */
export function flag(value: string): boolean {
  if (value !== 'true' && value !== 'false') throw new Error('is neither true nor false');
  return value === 'true';
}

/** The least level that is logged. */
export function logLevel(value: string): string {
  if (!['debug', 'info', 'warn', 'error'].includes(value)) throw new Error('is not a level of the log');
  return value;
}
