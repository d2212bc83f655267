import { partitionKey, refusalOf } from '@aftercall/lake';
import type { CircuitBreaker } from '@aftercall/circuit-breaker';
import { type FailedMessage, PermanentError, type QueueMessage } from '@aftercall/queue';
import { type OutcomeRow, readOutcomeFact } from '@aftercall/schemas';
import pMap from 'p-map';
import { type MergeDeps, type MergedPartition, mergePartition } from './merge-partition.ts';

/** Files in memory at a time: one is merged while the next is on its way. */
const CONCURRENCY = 2;

const DOWNSTREAMS = ['s3'];

/** What writing a batch needs from the outside world. */
export interface WriteDeps extends MergeDeps {
  readonly shards: number;
  /** Without its downstreams a file is not begun. */
  readonly through: CircuitBreaker['through'];
  /** Hears of each file that took its rows. */
  readonly onMerged: (key: string, merged: MergedPartition, rows: readonly OutcomeRow[]) => void;
}

/** A message and the row that it holds. */
interface Placed {
  readonly message: QueueMessage;
  readonly row: OutcomeRow;
}

/** Writes the outcomes of a batch into their files, each file once, and answers the messages that failed. */
export async function writeOutcomes(
  messages: readonly QueueMessage[],
  deps: WriteDeps,
): Promise<readonly FailedMessage[]> {
  const read = messages.map(readMessage);
  const placed = read.filter((each): each is Placed => 'row' in each);
  const partitions = [...Map.groupBy(placed, ({ row }) => partitionKey(row, deps.shards))];
  const failed = await pMap(partitions, ([key, group]) => writePartition(key, group, deps), {
    concurrency: CONCURRENCY,
  });
  return [...read.filter((each): each is FailedMessage => 'error' in each), ...failed.flat()];
}

function readMessage(message: QueueMessage): Placed | FailedMessage {
  const read = readOutcomeFact(message.body);
  if (read.outcome === 'refused') return { message, error: new PermanentError(read.reason, read.detail) };
  const row = read.fact.data;
  const refusal = refusalOf(row);
  return refusal === undefined
    ? { message, row }
    : { message, error: new PermanentError('bad-schema', refusal) };
}

async function writePartition(
  key: string,
  group: readonly Placed[],
  deps: WriteDeps,
): Promise<readonly FailedMessage[]> {
  const rows = group.map(({ row }) => row);
  try {
    const merged = await deps.through(DOWNSTREAMS, () => mergePartition(key, rows, deps));
    deps.onMerged(key, merged, rows);
    return [];
  } catch (error) {
    return group.map(({ message }) => ({ message, error }));
  }
}
