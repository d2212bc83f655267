import type { OutcomeRow } from '@aftercall/schemas';
import { LAKE_SCHEMA_VERSION } from './outcome-columns.ts';
import { partitionKey } from './partition-key.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const MAX_KEY_BYTES = 1_024;
/** `toISOString` of a year from 0 to 9999; others have more digits, which no partition has room for. */
const ISO_LENGTH = '2026-11-20T14:03:27.418Z'.length;

/** Why a row of the right shape still has no place in the lake, as JSON pointer and rule; undefined when it has one. */
export function refusalOf(row: OutcomeRow): string | undefined {
  if (!isTime(row.occurred_at)) return '/occurred_at: not a time of the years 0 to 9999';
  if (!isTime(row.received_at)) return '/received_at: not a time of the years 0 to 9999';
  if (row.schema_version > LAKE_SCHEMA_VERSION) return '/schema_version: newer than this writer';
  return partitionKey(row, 1).length > MAX_KEY_BYTES ? '/source: too long for a key' : undefined;
}

/** A leap second has the format of a time and is none to JavaScript. */
function isTime(text: string): boolean {
  const time = new Date(text);
  return !Number.isNaN(time.getTime()) && time.toISOString().length === ISO_LENGTH;
}
