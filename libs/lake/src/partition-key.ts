import { createHash } from 'node:crypto';
import type { OutcomeRow } from '@aftercall/schemas';

/** What decides where a row lies. */
export type PartitionedRow = Pick<OutcomeRow, 'source' | 'occurred_at' | 'conversation_id'>;

/**
 * The key of the file that a row belongs to: by source, then day and hour of the event in UTC. One conversation's rows of
 * an hour are in one shard. Change `shards` only for hours to come: a row that is sent again must find its file.
 *
 * @throws RangeError when the row has no time
 */
export function partitionKey(row: PartitionedRow, shards: number): string {
  const occurredAt = new Date(row.occurred_at).toISOString();
  const hour = occurredAt.slice(11, 13);
  const shard = shardOf(row.conversation_id, shards);
  return `outcomes/source=${percentEncoded(row.source)}/dt=${occurredAt.slice(0, 10)}/hour=${hour}/part-${shard}.parquet`;
}

function shardOf(conversationId: string, shards: number): number {
  return shards === 1 ? 0 : createHash('sha256').update(conversationId).digest().readUInt32BE() % shards;
}

/** Every byte but letters, digits, `-` and `_`: neither S3, nor Hive, nor a path that is tidied up reads anything into it. */
const percentEncoded = (text: string): string =>
  Array.from(Buffer.from(text), (byte) => {
    const character = String.fromCharCode(byte);
    return /[\w-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
