import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OutcomeRow } from '@aftercall/schemas';
import { assembleFile, type EncodedColumn, encodeColumn } from './assemble-file.ts';
import { type ColumnVector, joinVectors, pickRows } from './column-vector.ts';
import { planMerge, type RowKeys } from './merge-plan.ts';
import { type NamedVector, numbersNamed, textsNamed } from './named-vector.ts';
import { openFile, type OpenFile } from './open-file.ts';
import { OUTCOME_COLUMNS, type OutcomeColumn } from './outcome-columns.ts';
import { readVectors } from './read-vectors.ts';
import { rowVectors } from './row-vectors.ts';

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
  const keys = file ? readKeys(file) : [];
  const { order, added, replaced } = planMerge(file ? keysOfFile(keys) : NO_KEYS, keysOfRows(rows, incoming));
  const read = (column: OutcomeColumn): readonly ColumnVector[] => {
    const known = keys.find((key) => key.column === column);
    if (known) return [known.vector];
    return file ? readVectors(file, column) : [];
  };
  return {
    incoming,
    encode: ({ column, vector }: NamedVector): EncodedColumn =>
      encodeColumn(column, pickRows(joinVectors(column, [...read(column), vector]), order)),
    rowCount: order.length,
    added,
    replaced,
  };
}

const NO_KEYS: RowKeys = { eventIds: [], occurredAt: new Float64Array(), receivedAt: new Float64Array() };
const KEYS: ReadonlySet<string> = new Set(['event_id', 'occurred_at', 'received_at']);

/** The columns that decide; they are kept until they are encoded. */
function readKeys(file: OpenFile): readonly NamedVector[] {
  const columns = OUTCOME_COLUMNS.filter(({ name }) => KEYS.has(name));
  return columns.map((column) => ({ column, vector: joinVectors(column, readVectors(file, column)) }));
}

const keysOfFile = (keys: readonly NamedVector[]): RowKeys => ({
  eventIds: textsNamed('event_id', keys),
  occurredAt: numbersNamed('occurred_at', keys),
  receivedAt: numbersNamed('received_at', keys),
});

/** Half a surrogate pair is not in the file as it is in the row. */
const keysOfRows = (rows: readonly OutcomeRow[], vectors: readonly NamedVector[]): RowKeys => ({
  eventIds: rows.map(({ event_id }) => event_id.toWellFormed()),
  occurredAt: numbersNamed('occurred_at', vectors),
  receivedAt: numbersNamed('received_at', vectors),
});
