import { expect, test } from '@jest/globals';
import { entriesInOrder } from './entries-in-order.ts';
import type { SetAsideEntry } from './index-store.ts';
import { memoryIndexStore } from './memory-index-store.ts';

async function stored(entries: readonly { id: string; second: number; sequence?: string }[]) {
  const index = memoryIndexStore();
  for (const { id, second, sequence } of entries) {
    const receivedTime = new Date(Date.UTC(2026, 10, 20, 14, 0, second)).toISOString();
    const entry: SetAsideEntry = {
      kind: 'dead',
      sk: `${receivedTime}#${id}`,
      id,
      source: 'main',
      reason: 'conflict',
      state: 'OPEN',
      key: `dead/main/${id}.json`,
      receivedTime,
      expiresAt: 2_000_000_000,
      ...(sequence !== undefined && { sequence }),
    };
    await index.putIfAbsent(entry);
  }
  return entriesInOrder((page) => index.query({ kind: 'dead', expiresAfter: 0, ...page }));
}

async function idsOf(entries: AsyncIterable<SetAsideEntry>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of entries) ids.push(id);
  return ids;
}

test('entries come as they were set aside, those of one millisecond as SQS had them', async () => {
  const entries = await stored([
    { id: 'c', second: 2 },
    { id: 'a', second: 1, sequence: '00000000000000000009' },
    { id: 'b', second: 1, sequence: '00000000000000000008' },
    { id: 'd', second: 0 },
  ]);
  expect(await idsOf(entries)).toEqual(['d', 'b', 'a', 'c']);
});

test('no page’s edge loses an entry or gives it twice', async () => {
  const ids = Array.from({ length: 1_501 }, (_, index) => `id-${String(index).padStart(4, '0')}`);
  const entries = await stored(ids.map((id, index) => ({ id, second: Math.floor(index / 50) })));
  expect(await idsOf(entries)).toEqual(ids);
});
