import { memoryRulesStore } from './memory-rules-store.ts';
import { rulesStoreContract, versionsContract } from './rules-store-contract.ts';

async function open() {
  const store = memoryRulesStore();
  return {
    store,
    put: async (text: string) => store.put(text),
    remove: async () => store.remove(),
    close: async () => undefined,
  };
}

rulesStoreContract('memory', open);
versionsContract('memory', open);
