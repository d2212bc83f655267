import type { ReplayTask } from '@aftercall/schemas';
import type { SetAsideEntry } from '@aftercall/set-aside';
import { replayEntries, type ReplayDeps, type ReplayReport } from './replay-entries.ts';

/** What `drainArchive` needs from the outside world. */
export interface DrainDeps extends ReplayDeps {
  /** The downstreams whose circuits are open; rejects when nobody can say. */
  openCircuits(): Promise<ReadonlySet<string>>;
  readonly drainPerSecond: number;
}

/**
 * Brings back what was held too long, once the circuit that held it is closed, and slowly enough for whatever was down.
 *
 * @throws when nobody can say which circuits are open: nothing is brought back then
 */
export async function drainArchive(deps: DrainDeps): Promise<ReplayReport> {
  const open = await deps.openCircuits();
  const task: ReplayTask = {
    task: 'replay',
    run: `drain-${deps.now().toISOString()}`,
    by: 'dead-letters',
    selection: { kinds: ['archive'] },
    ratePerSecond: deps.drainPerSecond,
  };
  return replayEntries(task, { ...deps, mayGo: (entry) => !isHeld(entry, open) });
}

/** One that does not say what held it waits for all. */
const isHeld = ({ detail }: SetAsideEntry, open: ReadonlySet<string>): boolean =>
  detail === undefined ? open.size > 0 : open.has(detail);
