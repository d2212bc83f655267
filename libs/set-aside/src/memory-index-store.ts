import { isSameProgress, withProgress } from './entry-progress.ts';
import type { EntryQuery, IndexStore, SetAsideEntry } from './index-store.ts';

/** An index for tests; `entries` and `reservedBytes` are there to look into. */
export interface MemoryIndexStore extends IndexStore {
  readonly entries: ReadonlyMap<string, SetAsideEntry>;
  readonly reservedBytes: ReadonlyMap<string, number>;
}

/** Makes an empty one. */
export function memoryIndexStore(): MemoryIndexStore {
  const entries = new Map<string, SetAsideEntry>();
  const reservedBytes = new Map<string, number>();
  const unsettled = new Set<string>();
  return {
    entries,
    reservedBytes,
    async putIfAbsent(entry, signal) {
      signal?.throwIfAborted();
      const row = rowKey(entry.kind, entry.sk);
      if (!entries.has(row)) entries.set(row, entry);
    },
    async get(kind, sk) {
      return entries.get(rowKey(kind, sk));
    },
    async query(query) {
      return [...entries.values()]
        .filter((entry) => matches(entry, query))
        .sort((a, b) => (a.sk < b.sk === (query.order === 'oldest-first') ? -1 : 1))
        .slice(0, query.limit);
    },
    async advance(seen, next) {
      const row = rowKey(seen.kind, seen.sk);
      const there = entries.get(row);
      if (there === undefined) return false;
      if (!isSameProgress(there, seen)) return isSameProgress(there, next);
      entries.set(row, withProgress(there, next));
      return true;
    },
    async reserve({ budget, key, bytes, capBytes }, signal) {
      signal?.throwIfAborted();
      if (unsettled.has(rowKey(budget, key))) return 'reserved';
      const total = (reservedBytes.get(budget) ?? 0) + bytes;
      if (total > capBytes) return 'full';
      reservedBytes.set(budget, total);
      unsettled.add(rowKey(budget, key));
      return 'reserved';
    },
    async settle({ budget, key }, signal) {
      signal?.throwIfAborted();
      unsettled.delete(rowKey(budget, key));
    },
  };
}

function rowKey(pk: string, sk: string): string {
  return `${pk} ${sk}`;
}

function matches(entry: SetAsideEntry, query: EntryQuery): boolean {
  return (
    entry.kind === query.kind &&
    entry.expiresAt > query.expiresAfter &&
    (query.id === undefined || entry.id === query.id) &&
    (query.reason === undefined || entry.reason === query.reason) &&
    (query.conversationId === undefined || entry.conversationId === query.conversationId) &&
    (query.states === undefined || query.states.includes(entry.state)) &&
    (query.since === undefined || entry.sk >= query.since.toISOString()) &&
    (query.until === undefined || entry.sk < query.until.toISOString()) &&
    (query.after === undefined ||
      (query.order === 'oldest-first' ? entry.sk > query.after : entry.sk < query.after))
  );
}
