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
    await expect(openCircuits(await create())).resolves.toEqual(new Set([]));
  });

  test('what is opened is open, until it is closed', async () => {
    const store = await create();
    await changeCircuits(store, (circuits) => ({ ...circuits, events: opening }));
    await changeCircuits(store, (circuits) => ({ ...circuits, s3: opening }));
    await expect(openCircuits(store)).resolves.toEqual(new Set(['events', 's3']));
    await changeCircuits(store, (circuits) => withoutCircuit(circuits, 'events'));
    await expect(openCircuits(store)).resolves.toEqual(new Set(['s3']));
  });

  test('nobody can say what is open in a document that cannot be read, and it is replaced', async () => {
    const store = await create();
    await store.write('nonsense');
    await expect(openCircuits(store)).rejects.toThrow('cannot be read: is not JSON');
    await changeCircuits(store, () => ({ events: opening }));
    await expect(openCircuits(store)).resolves.toEqual(new Set(['events']));
  });
}
