import { beforeAll, describe, expect, test } from '@jest/globals';
import type { LedgerRecord } from './ledger-record.ts';
import type { LedgerStore } from './ledger-store.ts';

const NOW = 1_795_000_000;
const completion = { completedAt: NOW + 5, expiresAt: NOW + 9_000 };
const release = { owner: 'nobody', leaseUntil: 0, attempts: 0 };

let keys = 0;

function newRecord(changes: Partial<LedgerRecord> = {}): LedgerRecord {
  keys += 1;
  return {
    pk: `processor#main#evt-${keys}`,
    status: 'IN_PROGRESS',
    owner: 'worker-a',
    leaseUntil: NOW + 40,
    attempts: 1,
    digest: 'digest-1',
    claimedAt: NOW,
    expiresAt: NOW + 1_000,
    ...changes,
  };
}

/** What every ledger store must do; `open` is called once and gives the store that all the tests share. */
export function ledgerStoreContract(title: string, open: () => Promise<LedgerStore>): void {
  let store: LedgerStore;

  /** The live record of a key: the probe is only written where there is none. */
  const recordOf = (pk: string) => store.insert(newRecord({ pk, owner: 'probe' }), 0);

  const stored = async (changes: Partial<LedgerRecord> = {}): Promise<LedgerRecord> => {
    const record = newRecord(changes);
    await store.insert(record, NOW);
    return record;
  };

  describe(title, () => {
    beforeAll(async () => {
      store = await open();
    });

    describe('insert', () => {
      test('writes a record where there is none and answers nothing', async () => {
        const record = newRecord();
        await expect(store.insert(record, NOW)).resolves.toBeUndefined();
        await expect(recordOf(record.pk)).resolves.toEqual(record);
      });

      test('answers the live record and leaves it as it was', async () => {
        const record = await stored({ replayRun: 'run-1', digest: 'Grüße ☎ "#"' });
        await expect(store.insert({ ...record, owner: 'worker-b' }, NOW)).resolves.toEqual(record);
        await expect(recordOf(record.pk)).resolves.toEqual(record);
      });

      test('answers the own record when the call is repeated', async () => {
        const record = await stored();
        await expect(store.insert(record, NOW)).resolves.toEqual(record);
      });

      test('keeps a record alive until the second in which it expires', async () => {
        const record = await stored();
        const next = newRecord({ pk: record.pk, owner: 'worker-b' });
        await expect(store.insert(next, record.expiresAt - 1)).resolves.toEqual(record);
        await expect(store.insert(next, record.expiresAt)).resolves.toBeUndefined();
        await expect(recordOf(record.pk)).resolves.toEqual(next);
      });

      test('leaves nothing of an expired record behind', async () => {
        const record = await stored({ replayRun: 'run-1' });
        await store.complete(record.pk, 'worker-a', completion);
        const next = newRecord({ pk: record.pk });
        await store.insert(next, completion.expiresAt);
        await expect(recordOf(record.pk)).resolves.toEqual(next);
      });

      test('lets exactly one of ten at the same time in and shows it to the others', async () => {
        const record = newRecord();
        const rivals = Array.from({ length: 10 }, (_, index) => ({ ...record, owner: `worker-${index}` }));
        const answers = await Promise.all(rivals.map((rival) => store.insert(rival, NOW)));
        const winner = rivals[answers.indexOf(undefined)];
        expect(answers.filter((answer) => answer === undefined)).toHaveLength(1);
        expect(answers.filter((answer) => answer?.owner === winner?.owner)).toHaveLength(9);
      });
    });

    describe('takeOver', () => {
      test('replaces the record that the previous owner left', async () => {
        const record = await stored({ replayRun: 'run-1' });
        const next = newRecord({ pk: record.pk, owner: 'worker-b', attempts: 2 });
        await expect(store.takeOver(next, 'worker-a')).resolves.toBe(true);
        await expect(recordOf(record.pk)).resolves.toEqual(next);
      });

      test('answers yes again when the call is repeated', async () => {
        const record = await stored();
        const next = { ...record, owner: 'worker-b', attempts: 2 };
        await store.takeOver(next, 'worker-a');
        await expect(store.takeOver(next, 'worker-a')).resolves.toBe(true);
      });

      test('is refused when somebody else has taken over', async () => {
        const record = await stored({ owner: 'worker-c' });
        await expect(store.takeOver({ ...record, owner: 'worker-b' }, 'worker-a')).resolves.toBe(false);
        await expect(recordOf(record.pk)).resolves.toEqual(record);
      });

      test('is refused when the record has been completed', async () => {
        const record = await stored();
        await store.complete(record.pk, 'worker-a', completion);
        await expect(store.takeOver({ ...record, owner: 'worker-b' }, 'worker-a')).resolves.toBe(false);
        await expect(recordOf(record.pk)).resolves.toMatchObject({ status: 'COMPLETED', owner: 'worker-a' });
      });

      test('is refused when there is no record, and makes none', async () => {
        const record = newRecord();
        await expect(store.takeOver({ ...record, owner: 'worker-b' }, 'worker-a')).resolves.toBe(false);
        await expect(recordOf(record.pk)).resolves.toBeUndefined();
      });

      test('lets exactly one of ten at the same time through', async () => {
        const record = await stored();
        const rivals = Array.from({ length: 10 }, (_, index) => ({ ...record, owner: `rival-${index}` }));
        const answers = await Promise.all(rivals.map((rival) => store.takeOver(rival, 'worker-a')));
        expect(answers.filter(Boolean)).toHaveLength(1);
      });
    });

    describe.each([
      {
        call: 'complete',
        run: (pk: string, owner: string) => store.complete(pk, owner, completion),
        written: { status: 'COMPLETED', ...completion },
      },
      {
        call: 'release',
        run: (pk: string, owner: string) => store.release(pk, owner, release),
        written: release,
      },
    ] as const)('$call', ({ run, written }) => {
      test('changes what it is about and nothing else', async () => {
        const record = await stored({ replayRun: 'run-1' });
        await expect(run(record.pk, 'worker-a')).resolves.toBe(true);
        await expect(recordOf(record.pk)).resolves.toEqual({ ...record, ...written });
      });

      test('is refused to whoever is not the owner', async () => {
        const record = await stored();
        await expect(run(record.pk, 'worker-b')).resolves.toBe(false);
        await expect(recordOf(record.pk)).resolves.toEqual(record);
      });

      test('is refused to an owner whose record was taken over', async () => {
        const record = await stored();
        const next = { ...record, owner: 'worker-b', attempts: 2 };
        await store.takeOver(next, 'worker-a');
        await expect(run(record.pk, 'worker-a')).resolves.toBe(false);
        await expect(recordOf(record.pk)).resolves.toEqual(next);
      });

      test('is refused on a completed record', async () => {
        const record = await stored();
        await store.complete(record.pk, 'worker-a', completion);
        await expect(run(record.pk, 'worker-a')).resolves.toBe(false);
        await expect(recordOf(record.pk)).resolves.toEqual({ ...record, status: 'COMPLETED', ...completion });
      });

      test('is refused where there is no record, and makes none', async () => {
        const { pk } = newRecord();
        await expect(run(pk, 'worker-a')).resolves.toBe(false);
        await expect(recordOf(pk)).resolves.toBeUndefined();
      });
    });

    describe('remove', () => {
      test('takes away what is completed, and what nobody works on any more', async () => {
        const done = await stored();
        await store.complete(done.pk, 'worker-a', completion);
        const abandoned = await stored({ leaseUntil: NOW });
        await expect(store.remove(done.pk, NOW)).resolves.toBe(true);
        await expect(store.remove(abandoned.pk, NOW)).resolves.toBe(true);
        await expect(recordOf(done.pk)).resolves.toBeUndefined();
        await expect(recordOf(abandoned.pk)).resolves.toBeUndefined();
      });

      test('leaves what somebody works on', async () => {
        const record = await stored();
        await expect(store.remove(record.pk, NOW)).resolves.toBe(false);
        await expect(recordOf(record.pk)).resolves.toEqual(record);
      });

      test('is done where there is nothing, also when it is repeated', async () => {
        await expect(store.remove(newRecord().pk, NOW)).resolves.toBe(true);
      });
    });
  });
}
