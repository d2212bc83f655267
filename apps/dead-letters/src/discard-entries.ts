import type { DiscardTask } from '@aftercall/schemas';
import type { SetAside, SetAsideEntry } from '@aftercall/set-aside';
import type { Logger } from '@aftercall/telemetry';
import { selectEntries } from './select-entries.ts';

/** What `discardEntries` needs from the outside world. */
export interface DiscardDeps {
  readonly setAside: Pick<SetAside, 'inOrder' | 'finish'>;
  readonly log: Pick<Logger, 'info'>;
  remainingMillis(): number;
}

/** How far one call has come. */
export interface DiscardReport {
  /** Or, in a dry run, what would be. */
  readonly discarded: number;
  /** A replay has them, or changed them just now. */
  readonly busy: number;
  readonly left: boolean;
}

const RESERVE_MILLIS = 10_000;

/**
 * Gives up what is selected, for as long as the call lasts. Who, when and why stays in the index, and the body beside
 * it, until both expire; until then a replay can still take it back.
 */
export async function discardEntries(task: DiscardTask, deps: DiscardDeps): Promise<DiscardReport> {
  const tally = { discarded: 0, busy: 0 };
  for await (const entry of selectEntries(task.selection, ['OPEN'], deps.setAside)) {
    if (deps.remainingMillis() < RESERVE_MILLIS) return { ...tally, left: true };
    if (task.dryRun === true || (await discard(entry, task, deps))) tally.discarded += 1;
    else tally.busy += 1;
  }
  return { ...tally, left: false };
}

async function discard(
  entry: SetAsideEntry,
  { by, reason }: DiscardTask,
  { setAside, log }: DiscardDeps,
): Promise<boolean> {
  const isDone = await setAside.finish(entry, { outcome: 'discarded', by, reason });
  const { kind, id, eventId, conversationId, source } = entry;
  if (isDone)
    log.info({ kind, id, eventId, conversationId, source, by, reason, result: 'discarded' }, 'letter');
  return isDone;
}
