export { createLedger, forgetClaim, ledgerKey } from './ledger.ts';
export type { Claim, ClaimRequest, ClaimResult, CountAttempt, Ledger, LedgerDeps } from './ledger.ts';
export type { LedgerRecord } from './ledger-record.ts';
export type { Completion, LedgerStore, Release } from './ledger-store.ts';
export { memoryLedgerStore } from './memory-store.ts';
export { dynamodbLedgerStore } from './dynamodb-ledger-store.ts';
