import { indexStoreContract } from './index-store-contract.ts';
import { memoryIndexStore } from './memory-index-store.ts';
import { memoryObjectStore } from './memory-object-store.ts';
import { memoryReviewStore } from './memory-review-store.ts';
import { reviewStoreContract } from './review-store-contract.ts';
import { conditionalWritesContract, objectStoreContract } from './object-store-contract.ts';

objectStoreContract('the memory store', memoryObjectStore);
conditionalWritesContract('the memory store', memoryObjectStore);
indexStoreContract('the memory store', async () => memoryIndexStore());
reviewStoreContract('the memory store', async () => memoryReviewStore());
