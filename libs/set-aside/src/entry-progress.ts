import type { EntryProgress, SetAsideEntry } from './index-store.ts';

/** Every attribute of an entry that says how far it is; all others never change. */
export const PROGRESS = [
  'state',
  'run',
  'leaseUntil',
  'outcome',
  'decidedBy',
  'decidedAt',
  'decision',
] as const satisfies readonly (keyof EntryProgress)[];

/** Whether two say the same of how far an entry is. */
export const isSameProgress = (one: EntryProgress, other: EntryProgress): boolean =>
  PROGRESS.every((name) => one[name] === other[name]);

/** The entry with this progress in the place of what it had. */
export function withProgress(entry: SetAsideEntry, next: EntryProgress): SetAsideEntry {
  const {
    state: _state,
    run: _run,
    leaseUntil: _leaseUntil,
    outcome: _outcome,
    decidedBy: _decidedBy,
    decidedAt: _decidedAt,
    decision: _decision,
    ...kept
  } = entry;
  return { ...kept, ...next };
}
