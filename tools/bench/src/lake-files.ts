import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeOutcomes } from '@aftercall/lake';
import { lakeRows } from './lake-rows.ts';

/** Above this many rows the lake-writer warns and asks for shards. */
export const FILE_ROWS = 100_000;
/** Rows in a batch; a tenth of them are in the file already. */
export const BATCH_ROWS = 10_000;
const REPEATED_ROWS = 1_000;

/** Writes a full file and a batch for it into the folder of a bench bundle. */
export function writeLakeFiles(folder: string): { readonly file: string; readonly batch: string } {
  mkdirSync(folder, { recursive: true });
  const rows = lakeRows(FILE_ROWS);
  const file = join(folder, 'full.parquet');
  writeFileSync(file, encodeOutcomes(rows));
  const batch = join(folder, 'batch.json');
  writeFileSync(
    batch,
    JSON.stringify([...lakeRows(BATCH_ROWS - REPEATED_ROWS), ...rows.slice(0, REPEATED_ROWS)]),
  );
  return { file, batch };
}
