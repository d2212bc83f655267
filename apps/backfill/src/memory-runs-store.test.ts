import { memoryRunsStore } from './memory-runs-store.ts';
import { runsStoreContract } from './runs-store-contract.ts';

runsStoreContract('the runs in memory', async () => {
  const store = memoryRunsStore();
  return { store, dayOf: async (date) => store.completeness.get(`backfill ${date}`) };
});
