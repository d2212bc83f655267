import type { CircuitsStore } from './shared-circuits.ts';

/** A store whose client is loaded when it is first asked: a cold start does not wait for advice. */
export function lazyCircuitsStore(load: () => Promise<CircuitsStore>): CircuitsStore {
  let loading: Promise<CircuitsStore> | undefined;
  const store = () => (loading ??= load());
  return {
    read: async () => (await store()).read(),
    write: async (text) => (await store()).write(text),
  };
}
