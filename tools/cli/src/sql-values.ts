import type * as duckdb from '@duckdb/node-api';
import type { DuckDBType, DuckDBValueConverter, Json } from '@duckdb/node-api';

/** The part of `@duckdb/node-api` that is used here; it is loaded late. */
export type DuckDBValues = Pick<typeof duckdb, 'DuckDBTypeId' | 'JsonDuckDBValueConverter'>;

/** A column of a query's result. */
export interface ResultColumn {
  readonly name: string;
  readonly isNumber: boolean;
}

const NUMBER =
  /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT|UHUGEINT|FLOAT|DOUBLE|DECIMAL)\b/;

export const resultColumn = (name: string, type: DuckDBType): ResultColumn => ({
  name,
  isNumber: NUMBER.test(String(type)),
});

/**
 * Makes DuckDB's values JSON's: numbers are numbers as long as JavaScript has them exactly and else their digits as text,
 * timestamps are ISO 8601 in UTC as `toISOString` writes them (with more digits where they have more), lists are arrays.
 */
export function sqlValueConverter({
  DuckDBTypeId: id,
  JsonDuckDBValueConverter: otherwise,
}: DuckDBValues): DuckDBValueConverter<Json> {
  const exact = new Set([id.BIGINT, id.UBIGINT, id.HUGEINT, id.UHUGEINT, id.DECIMAL]);
  const times = new Set([
    ...[id.TIMESTAMP, id.TIMESTAMP_S, id.TIMESTAMP_MS, id.TIMESTAMP_NS],
    id.TIMESTAMP_TZ,
  ]);
  return (value, type, converter) => {
    if (value === null) return null;
    if (exact.has(type.typeId)) return exactNumber(String(value));
    if (times.has(type.typeId)) return isoTime(String(value));
    return otherwise(value, type, converter);
  };
}

/** Doubles have every number of so many digits. */
const EXACT_DIGITS = 15;

function exactNumber(text: string): number | string {
  const number = Number(text);
  return Number.isSafeInteger(number) || text.replace(/\D/g, '').length <= EXACT_DIGITS ? number : text;
}

const TIME = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(?:\.(\d+))?(?:\+00)?$/;
const MILLI_DIGITS = 3;

/** `2026-11-20 14:03:27.41+00` → `2026-11-20T14:03:27.410Z`; the session's zone is UTC. `infinity` stays. */
function isoTime(text: string): string {
  const [, day, time, fraction = ''] = TIME.exec(text) ?? [];
  if (day === undefined || time === undefined) return text;
  return `${day}T${time}.${fraction.padEnd(MILLI_DIGITS, '0')}Z`;
}
