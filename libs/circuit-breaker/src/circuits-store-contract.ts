import { expect, test } from '@jest/globals';
import { changeCircuits, type CircuitsStore, openCircuits, withoutCircuit } from './shared-circuits.ts';

const opening = {
  openedAt: '2026-11-20T14:00:00.000Z',
  openedBy: 'ops',
  mode: 'manual',
  reason: 'maintenance',
} as const;

/** What every store of the document does; `create` makes one without a document. */
export function circuitsStoreContract(create: () => Promise<CircuitsStore>): void {
  test('nothing is open where there is no document', async () => {
    await expect(openCircuits(await create(), ['events'])).resolves.toEqual([]);
  });

  test('what is opened is open, until it is closed', async () => {
    const store = await create();
    await changeCircuits(store, (circuits) => ({ ...circuits, events: opening }));
    await changeCircuits(store, (circuits) => ({ ...circuits, s3: opening }));
    await expect(openCircuits(store, ['dynamodb', 'events', 's3'])).resolves.toEqual(['events', 's3']);
    await changeCircuits(store, (circuits) => withoutCircuit(circuits, 'events'));
    await expect(openCircuits(store, ['dynamodb', 'events', 's3'])).resolves.toEqual(['s3']);
  });

  test('a document that cannot be read says nothing, and is replaced', async () => {
    const store = await create();
    await store.write('nonsense');
    await expect(openCircuits(store, ['events'])).resolves.toEqual([]);
    await changeCircuits(store, () => ({ events: opening }));
    await expect(openCircuits(store, ['events'])).resolves.toEqual(['events']);
  });
}
