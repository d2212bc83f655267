import { memorySecretStore } from './memory-secret-store.ts';
import { secretStoreContract } from './store-contract.ts';

secretStoreContract('the store in memory', async () => {
  const store = memorySecretStore();
  return { ...store, store, close: async () => undefined };
});
