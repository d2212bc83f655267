import type { LedgerRecord } from './ledger-record.ts';
import type { LedgerStore } from './ledger-store.ts';

/** A ledger store for tests, held to the same contract suite as DynamoDB's. Every instance starts empty. */
export function memoryLedgerStore(): LedgerStore {
  const records = new Map<string, LedgerRecord>();

  const change = (pk: string, owner: string, changes: Partial<LedgerRecord>): boolean => {
    const record = records.get(pk);
    if (record?.owner !== owner || record.status !== 'IN_PROGRESS') return false;
    records.set(pk, { ...record, ...changes });
    return true;
  };

  return {
    async insert(record, nowEpochSeconds) {
      const existing = records.get(record.pk);
      if (existing && existing.expiresAt > nowEpochSeconds) return existing;
      records.set(record.pk, record);
      return undefined;
    },
    async takeOver(record, previousOwner) {
      const existing = records.get(record.pk);
      if (existing?.owner === record.owner) return true;
      if (existing?.owner !== previousOwner || existing.status !== 'IN_PROGRESS') return false;
      records.set(record.pk, record);
      return true;
    },
    complete: async (pk, owner, completion) => change(pk, owner, { status: 'COMPLETED', ...completion }),
    release: async (pk, owner, release) => change(pk, owner, release),
    remove: async (pk, nowEpochSeconds) => {
      const record = records.get(pk);
      if (record?.status === 'IN_PROGRESS' && record.leaseUntil > nowEpochSeconds) return false;
      records.delete(pk);
      return true;
    },
  };
}
