import { memoryLedgerStore } from './memory-store.ts';
import { ledgerStoreContract } from './store-contract.ts';

ledgerStoreContract('the ledger store in memory', async () => memoryLedgerStore());
