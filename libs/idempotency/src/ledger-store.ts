import type { LedgerRecord } from './ledger-record.ts';

/** What a completion writes into a record. */
export type Completion = Readonly<Required<Pick<LedgerRecord, 'completedAt' | 'expiresAt'>>>;

/** What a release writes into a record. */
export type Release = Readonly<Pick<LedgerRecord, 'owner' | 'leaseUntil' | 'attempts'>>;

/**
 * Where the ledger's records live. Each method is one conditional write and leaves the record alone when its
 * condition fails. All methods bear repetition, because an SDK repeats a call whose answer was lost.
 */
export interface LedgerStore {
  /**
   * Writes the record where there is none, or only one that expired; answers the live record otherwise.
   * A repeated insert answers the caller's own record.
   */
  insert(record: LedgerRecord, nowEpochSeconds: number): Promise<LedgerRecord | undefined>;

  /**
   * Replaces the record that `previousOwner` left in progress.
   * Answers whether the record is now the new owner's, also when a repeated call finds that it already was.
   */
  takeOver(record: LedgerRecord, previousOwner: string): Promise<boolean>;

  /** Marks the record as completed, if it is still in progress and `owner`'s; answers whether it was. */
  complete(pk: string, owner: string, completion: Completion): Promise<boolean>;

  /** Gives the record up for the next claim, if it is still in progress and `owner`'s; answers whether it was. */
  release(pk: string, owner: string, release: Release): Promise<boolean>;

  /** Removes the record unless somebody works on its event right now; answers whether there is none any more. */
  remove(pk: string, nowEpochSeconds: number): Promise<boolean>;
}
