import type { CircuitsStore } from './shared-circuits.ts';

/** A document in memory, for tests: `text` is there to look into, `isDown` to break it. */
export interface MemoryCircuitsStore extends CircuitsStore {
  text: string | undefined;
  isDown: boolean;
  reads: number;
}

/** Makes a store with that document, or none. */
export function memoryCircuitsStore(text?: string): MemoryCircuitsStore {
  const store: MemoryCircuitsStore = {
    text,
    isDown: false,
    reads: 0,
    read: async () => {
      store.reads += 1;
      if (store.isDown) throw new Error('the store is down');
      return store.text;
    },
    write: async (next) => {
      if (store.isDown) throw new Error('the store is down');
      store.text = next;
    },
  };
  return store;
}
