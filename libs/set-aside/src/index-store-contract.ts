import { describe, expect, test } from '@jest/globals';

import type { EntryQuery, IndexStore, Reservation, SetAsideEntry, SetAsideKind } from './index-store.ts';

const at = (minute: number) => `2026-11-20T14:${String(minute).padStart(2, '0')}:00.000Z`;

function entry(kind: SetAsideKind, minute: number, more: Partial<SetAsideEntry> = {}): SetAsideEntry {
  const id = more.id ?? `id-${minute}`;
  return {
    kind,
    sk: `${at(minute)}#${id}`,
    id,
    source: 'main',
    reason: 'not-json',
    state: 'OPEN',
    key: `${kind}/main/${id}.json`,
    receivedTime: at(minute),
    expiresAt: 2_000_000_000,
    ...more,
  };
}

/** 60 of a budget's 100 bytes. */
function reservation(key: string): Reservation {
  return { budget: 'usage#main#d', key, bytes: 60, capBytes: 100, expiresAt: 2e9 };
}

async function query(
  store: IndexStore,
  kind: SetAsideKind,
  more: Partial<EntryQuery> = {},
): Promise<string[]> {
  const defaults = { kind, expiresAfter: 1_000_000_000, limit: 100, order: 'newest-first' } as const;
  const entries = await store.query({ ...defaults, ...more });
  return entries.map(({ id }) => id);
}

/** What every index must do; `open` gives an empty one each time. */
export function indexStoreContract(name: string, open: () => Promise<IndexStore>): void {
  describe(`${name} as an index`, () => {
    test('an entry comes back with everything it was put with', async () => {
      const store = await open();
      const full = entry('dead', 1, {
        eventId: 'evt-ü#1/-',
        conversationId: 'c-1',
        queue: 'events',
        group: 'main#c-1',
      });
      await store.putIfAbsent(full);
      expect(await store.get('dead', full.sk)).toEqual(full);
      expect(await store.get('quarantine', full.sk)).toBeUndefined();
    });

    test('an entry that is there keeps its state when it is put again', async () => {
      const store = await open();
      await store.putIfAbsent(entry('dead', 1, { state: 'DONE' }));
      await store.putIfAbsent(entry('dead', 1));
      expect(await query(store, 'dead')).toEqual(['id-1']);
      expect(await store.get('dead', entry('dead', 1).sk)).toMatchObject({ state: 'DONE' });
    });

    test('a query gives one kind, newest first, up to its limit', async () => {
      const store = await open();
      for (const minute of [2, 1, 3]) await store.putIfAbsent(entry('quarantine', minute));
      await store.putIfAbsent(entry('dead', 4));
      expect(await query(store, 'quarantine')).toEqual(['id-3', 'id-2', 'id-1']);
      expect(await query(store, 'quarantine', { limit: 2 })).toEqual(['id-3', 'id-2']);
    });

    test('a query narrows by id, reason, conversation and time', async () => {
      const store = await open();
      await store.putIfAbsent(entry('dead', 1, { reason: 'conflict', conversationId: 'c-1' }));
      await store.putIfAbsent(entry('dead', 2, { reason: 'bad-seal', conversationId: 'c-1' }));
      await store.putIfAbsent(entry('dead', 3, { reason: 'bad-seal' }));
      expect(await query(store, 'dead', { id: 'id-2' })).toEqual(['id-2']);
      expect(await query(store, 'dead', { reason: 'bad-seal' })).toEqual(['id-3', 'id-2']);
      expect(await query(store, 'dead', { reason: 'bad-seal', conversationId: 'c-1' })).toEqual(['id-2']);
      expect(await query(store, 'dead', { since: new Date(at(2)) })).toEqual(['id-3', 'id-2']);
      expect(await query(store, 'dead', { reason: 'none' })).toEqual([]);
    });

    test('a query narrows by state and by the time it is read until', async () => {
      const store = await open();
      for (const minute of [1, 2, 3]) await store.putIfAbsent(entry('dead', minute));
      await store.advance(entry('dead', 2), { state: 'DONE' });
      expect(await query(store, 'dead', { states: ['OPEN'] })).toEqual(['id-3', 'id-1']);
      expect(await query(store, 'dead', { states: ['OPEN', 'DONE'] })).toEqual(['id-3', 'id-2', 'id-1']);
      expect(await query(store, 'dead', { until: new Date(at(3)) })).toEqual(['id-2', 'id-1']);
      expect(await query(store, 'dead', { since: new Date(at(2)), until: new Date(at(3)) })).toEqual([
        'id-2',
      ]);
    });

    test('a query goes on behind an entry, in either order', async () => {
      const store = await open();
      for (const minute of [1, 2, 3]) await store.putIfAbsent(entry('archive', minute));
      const after = entry('archive', 2).sk;
      expect(await query(store, 'archive', { order: 'oldest-first' })).toEqual(['id-1', 'id-2', 'id-3']);
      expect(await query(store, 'archive', { order: 'oldest-first', after })).toEqual(['id-3']);
      expect(await query(store, 'archive', { after })).toEqual(['id-1']);
    });

    describe('advance', () => {
      const taken = { state: 'REPLAYING', run: 'run-1', leaseUntil: 1_795_000_040 } as const;
      const done = { state: 'DONE', run: 'run-1', outcome: 'replayed', decidedBy: 'kim' } as const;

      test('changes how far an entry is and nothing else, and forgets what is not said any more', async () => {
        const store = await open();
        const seen = entry('dead', 1, { queue: 'events', sequence: '00000000000000000007' });
        await store.putIfAbsent(seen);
        expect(await store.advance(seen, taken)).toBe(true);
        expect(await store.get('dead', seen.sk)).toEqual({ ...seen, ...taken });
        expect(await store.advance({ ...seen, ...taken }, done)).toBe(true);
        expect(await store.get('dead', seen.sk)).toEqual({ ...seen, ...done });
      });

      test('is refused to whoever saw the entry before somebody else changed it', async () => {
        const store = await open();
        const seen = entry('dead', 1);
        await store.putIfAbsent(seen);
        await store.advance(seen, taken);
        expect(await store.advance(seen, { ...taken, run: 'run-2' })).toBe(false);
        expect(await store.advance({ ...seen, ...taken, leaseUntil: 1 }, done)).toBe(false);
        expect(await store.get('dead', seen.sk)).toEqual({ ...seen, ...taken });
      });

      test('lets exactly one of ten at the same time through', async () => {
        const store = await open();
        const seen = entry('dead', 1);
        await store.putIfAbsent(seen);
        const answers = await Promise.all(
          Array.from({ length: 10 }, (_, index) => store.advance(seen, { ...taken, run: `run-${index}` })),
        );
        expect(answers.filter(Boolean)).toHaveLength(1);
      });

      test('bears repetition', async () => {
        const store = await open();
        const seen = entry('dead', 1);
        await store.putIfAbsent(seen);
        await store.advance(seen, taken);
        expect(await store.advance(seen, taken)).toBe(true);
      });

      test('makes no entry where there is none', async () => {
        const store = await open();
        expect(await store.advance(entry('dead', 1), taken)).toBe(false);
        expect(await query(store, 'dead')).toEqual([]);
      });
    });

    test('an expired entry is not listed, though it is still there', async () => {
      const store = await open();
      await store.putIfAbsent(entry('dead', 1, { expiresAt: 500 }));
      await store.putIfAbsent(entry('dead', 2, { expiresAt: 501 }));
      expect(await query(store, 'dead', { expiresAfter: 500 })).toEqual(['id-2']);
    });

    test('a query reads on past pages of entries that do not fit', async () => {
      const store = await open();
      const filler = 'x'.repeat(300_000);
      for (let minute = 1; minute <= 5; minute += 1) {
        await store.putIfAbsent(
          entry('archive', minute, minute === 1 ? { reason: 'wanted' } : { group: filler }),
        );
      }
      expect(await query(store, 'archive', { reason: 'wanted', limit: 1 })).toEqual(['id-1']);
    });

    test('a budget gives all the bytes or none, and exactly its cap in all', async () => {
      const store = await open();
      const reserve = (bytes: number) => store.reserve({ ...reservation(`key-${bytes}`), bytes });
      expect(await reserve(101)).toBe('full');
      expect(await reserve(60)).toBe('reserved');
      expect(await reserve(41)).toBe('full');
      expect(await reserve(40)).toBe('reserved');
      expect(await reserve(1)).toBe('full');
    });

    test('concurrent reservations never exceed the cap', async () => {
      const store = await open();
      const outcomes = await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          store.reserve({ ...reservation(`key-${index}`), bytes: 20 }),
        ),
      );
      expect(outcomes.filter((outcome) => outcome === 'reserved')).toHaveLength(5);
    });

    test('a key that is not settled has its bytes, however often and at once it asks', async () => {
      const store = await open();
      const reserve = () => store.reserve(reservation('key-1'));
      expect(await Promise.all(Array.from({ length: 6 }, reserve))).toEqual(Array(6).fill('reserved'));
      expect(await store.reserve({ ...reservation('key-2'), bytes: 41 })).toBe('full');
      expect(await store.reserve({ ...reservation('key-2'), bytes: 40 })).toBe('reserved');
      expect(await reserve()).toBe('reserved');
      expect(await store.reserve({ ...reservation('key-3'), bytes: 1 })).toBe('full');
    });

    test('a settled key keeps its bytes taken, and another settles nothing', async () => {
      const store = await open();
      await store.reserve(reservation('key-1'));
      await store.settle({ budget: 'usage#main#d', key: 'key-2' });
      expect(await store.reserve(reservation('key-1'))).toBe('reserved');
      expect(await store.reserve({ ...reservation('key-2'), bytes: 40 })).toBe('reserved');
      await store.settle({ budget: 'usage#main#d', key: 'key-1' });
      expect(await store.reserve(reservation('key-1'))).toBe('full');
    });

    test('settling twice, or in a budget that is gone, changes nothing', async () => {
      const store = await open();
      await store.settle({ budget: 'usage#main#d', key: 'key-1' });
      await store.reserve(reservation('key-1'));
      await store.settle({ budget: 'usage#main#d', key: 'key-1' });
      await store.settle({ budget: 'usage#main#d', key: 'key-1' });
      expect(await store.reserve({ ...reservation('key-2'), bytes: 41 })).toBe('full');
      expect(await store.reserve({ ...reservation('key-2'), bytes: 40 })).toBe('reserved');
    });

    test('a budget row is no entry', async () => {
      const store = await open();
      await store.reserve(reservation('key-1'));
      expect(await query(store, 'quarantine')).toEqual([]);
    });
  });
}
