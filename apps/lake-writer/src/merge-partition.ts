import { LakeFileError, mergeOutcomes } from '@aftercall/lake';
import { fullJitter, PermanentError, TransientError } from '@aftercall/queue';
import type { OutcomeRow } from '@aftercall/schemas';
import type { LakeFiles } from './lake-files.ts';

/** How long until a file that another writer has changed is read again. */
const PAUSE_SECONDS = { base: 0.05, max: 1 };

/** Below this no read is begun any more: a merge of the largest file, and giving the messages back, fit into it. */
const RESERVE_MILLIS = 4_000;

/** What merging into a file needs from the outside world. */
export interface MergeDeps {
  readonly files: LakeFiles;
  readonly remainingMillis: () => number;
  readonly pause: (millis: number) => Promise<unknown>;
  readonly random: () => number;
}

/** What became of a file. */
export interface MergedPartition {
  readonly result: 'written' | 'unchanged';
  readonly rowCount: number;
  readonly added: number;
  readonly replaced: number;
  readonly bytes: number;
}

/**
 * Merges rows into one file and writes it if nobody else has since it was read; otherwise it reads it again.
 * Repeating it changes nothing, so a crash at any point costs a repetition.
 *
 * @throws PermanentError when the file must not be written over; TransientError when there is no time left
 */
export async function mergePartition(
  key: string,
  rows: readonly OutcomeRow[],
  deps: MergeDeps,
): Promise<MergedPartition> {
  for (let conflicts = 0; ; conflicts += 1) {
    if (deps.remainingMillis() < RESERVE_MILLIS) {
      throw new TransientError('there is no time left for another file', { retryAfterSeconds: 0 });
    }
    const present = await deps.files.get(key);
    const { bytes, ...merged } = await merge(key, present?.bytes, rows);
    const counts = { ...merged, bytes: bytes.length };
    if (present && Buffer.compare(present.bytes, bytes) === 0) return { result: 'unchanged', ...counts };
    if ((await deps.files.put(key, bytes, present)) === 'written') return { result: 'written', ...counts };
    await deps.pause(fullJitter(conflicts + 1, PAUSE_SECONDS, deps.random) * 1000);
  }
}

async function merge(key: string, present: Uint8Array | undefined, rows: readonly OutcomeRow[]) {
  try {
    return await mergeOutcomes(present, rows);
  } catch (error) {
    if (!(error instanceof LakeFileError)) throw error;
    throw new PermanentError('effect-refused', `${key} is left as it is: ${error.code}`, { cause: error });
  }
}
