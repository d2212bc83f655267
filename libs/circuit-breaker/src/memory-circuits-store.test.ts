import { circuitsStoreContract } from './circuits-store-contract.ts';
import { memoryCircuitsStore } from './memory-circuits-store.ts';

circuitsStoreContract(async () => memoryCircuitsStore());
