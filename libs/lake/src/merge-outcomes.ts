import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OutcomeRow } from '@aftercall/schemas';
import { assembleFile, type EncodedColumn, encodeColumn } from './assemble-file.ts';
import { joinVectors, pickRows } from './column-vector.ts';
import { planMerge, type RowKeys } from './merge-plan.ts';
import { openFile, type OpenFile } from './open-file.ts';
import { readNumbers, readTexts, readVectors } from './read-vectors.ts';
import { type NamedVector, numbersNamed, rowVectors } from './row-vectors.ts';

export interface Merged {
  /** Equal for equal sets of rows, in whatever order and however often they came. */
  readonly bytes: Uint8Array;
  readonly rowCount: number;
  /** Rows whose event was not in the file. */
  readonly added: number;
  /** Rows that took the place of their event's row in the file, be they equal to it or not. */
  readonly replaced: number;
}

/**
 * Merges rows into a file of the lake, column by column. Of several rows of one event the one received last stays, among
 * those the one given last: a fact that is delivered again cannot undo the replay that corrected it.
 *
 * @param existing the file as it is; undefined where there is none yet
 * @throws LakeFileError when the file must not be rewritten; RangeError when a row lacks what each row must have
 */
export async function mergeOutcomes(
  existing: Uint8Array | undefined,
  rows: readonly OutcomeRow[],
): Promise<Merged> {
  const merge = startMerge(existing, rows);
  const columns: EncodedColumn[] = [];
  for (const incoming of merge.incoming) {
    columns.push(merge.encode(incoming));
    // A large file takes a second: meanwhile an answer to another call must not be taken for late.
    await nextTurn();
  }
  const { rowCount, added, replaced } = merge;
  return { bytes: assembleFile(columns, rowCount), rowCount, added, replaced };
}

/** A new file of these rows: what merging them into none makes. */
export function encodeOutcomes(rows: readonly OutcomeRow[]): Uint8Array {
  const { incoming, encode, rowCount } = startMerge(undefined, rows);
  return assembleFile(incoming.map(encode), rowCount);
}

/** Decides which rows stay; `encode` then reads, joins and encodes a column, so that only one is in memory at a time. */
function startMerge(existing: Uint8Array | undefined, rows: readonly OutcomeRow[]) {
  const file = existing && openFile(existing);
  const incoming = rowVectors(rows);
  const { order, added, replaced } = planMerge(file ? keysOfFile(file) : NO_KEYS, keysOfRows(rows, incoming));
  return {
    incoming,
    encode: ({ column, vector }: NamedVector): EncodedColumn => {
      const present = file ? readVectors(file, column) : [];
      return encodeColumn(column, pickRows(joinVectors(column, [...present, vector]), order));
    },
    rowCount: order.length,
    added,
    replaced,
  };
}

const NO_KEYS: RowKeys = { eventIds: [], occurredAt: new Float64Array(), receivedAt: new Float64Array() };

const keysOfFile = (file: OpenFile): RowKeys => ({
  eventIds: readTexts(file, 'event_id'),
  occurredAt: readNumbers(file, 'occurred_at'),
  receivedAt: readNumbers(file, 'received_at'),
});

/** Half a surrogate pair is not in the file as it is in the row. */
const keysOfRows = (rows: readonly OutcomeRow[], vectors: readonly NamedVector[]): RowKeys => ({
  eventIds: rows.map(({ event_id }) => event_id.toWellFormed()),
  occurredAt: numbersNamed('occurred_at', vectors),
  receivedAt: numbersNamed('received_at', vectors),
});
