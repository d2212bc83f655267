import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AwsCall } from '@aftercall/aws-json';
import { dynamodbLedgerStore } from './dynamodb-ledger-store.ts';
import { dynoxidePath, startDynalite, startDynoxide, type TestServer } from './dynamodb-test-servers.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { ledgerStoreContract } from './store-contract.ts';

const oldItemServer = dynoxidePath
  ? {
      title: 'DynamoDB that returns the old item (dynoxide)',
      start: () => startDynoxide(dynoxidePath ?? ''),
      duplicate: ['PutItem'],
    }
  : {
      title: 'DynamoDB (dynalite, because dynoxide is not installed here: the old item is untried)',
      start: startDynalite,
      duplicate: ['PutItem', 'GetItem'],
    };

const readingServer = {
  title: 'DynamoDB that does not return the old item (dynalite)',
  start: startDynalite,
  duplicate: ['PutItem', 'GetItem'],
};

const WAYS = [oldItemServer, readingServer].flatMap((server) =>
  (['signed', 'sdk'] as const).map((way) => ({ ...server, way, title: `${server.title}, ${way}` })),
);

describe.each(WAYS)('the ledger store on $title', ({ title, start, duplicate, way }) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.close());

  ledgerStoreContract(`the contract on ${title}`, async () =>
    dynamodbLedgerStore(server.calls[way], server.tableName),
  );

  describe('the ledger', () => {
    let owners = 0;
    const ledgerOver = (call: AwsCall): Ledger =>
      createLedger({
        store: dynamodbLedgerStore(call, server.tableName),
        consumer: 'processor',
        now: () => new Date('2026-11-20T14:05:00Z'),
        newOwner: () => `owner-${(owners += 1)}`,
        retentionSeconds: 6_048_000,
      });
    const request = (eventId: string) => ({ org: 'main', eventId, digest: 'd1', leaseSeconds: 40 });

    test(`asks for a duplicate ${duplicate.join(' and then ')} and nothing else`, async () => {
      const calls: string[] = [];
      const ledger = ledgerOver((operation, input) => {
        calls.push(operation);
        return server.calls[way](operation, input);
      });
      const first = await ledger.claim(request('counted'));
      if (first.outcome !== 'claimed') throw new Error('the first claim is granted');
      await ledger.complete(first.claim);

      calls.length = 0;
      const second = await ledger.claim(request('counted'));

      expect(second).toEqual({ outcome: 'completed' });
      expect(calls).toEqual(duplicate);
    });

    test('lets exactly one of two workers that race for a lapsed lease in', async () => {
      const ledger = ledgerOver(server.calls[way]);
      await ledger.claim({ ...request('raced'), leaseSeconds: 0 });
      const results = await Promise.all([ledger.claim(request('raced')), ledger.claim(request('raced'))]);
      expect(results.map(({ outcome }) => outcome).sort()).toEqual(['claimed', 'held']);
    });

    test('names the attribute that makes a foreign item no ledger record', async () => {
      const pk = 'processor#main#foreign';
      const item = {
        pk,
        status: 'IN_PROGRESS',
        owner: 'someone',
        leaseUntil: 'tomorrow',
        expiresAt: 9_999_999_999,
      };
      await server.calls[way]('PutItem', { TableName: server.tableName, Item: item });
      const claiming = ledgerOver(server.calls[way]).claim(request('foreign'));
      await expect(claiming).rejects.toThrow('without a valid "leaseUntil"');
    });
  });
});

describe('the ledger store where the old item has to be read', () => {
  test('says that the event can be claimed again when the record goes between write and read', async () => {
    const server = await startDynalite();
    const { signed } = server.calls;
    let isDeleting = true;
    const store = dynamodbLedgerStore(async (operation, input) => {
      if (operation === 'GetItem' && isDeleting) {
        isDeleting = false;
        await signed('DeleteItem', { TableName: server.tableName, Key: { pk: record.pk } });
      }
      return signed(operation, input);
    }, server.tableName);
    const record = {
      pk: 'processor#main#vanishing',
      status: 'IN_PROGRESS',
      owner: 'worker-a',
      leaseUntil: 1_795_000_040,
      attempts: 1,
      digest: 'd1',
      claimedAt: 1_795_000_000,
      expiresAt: 1_795_001_000,
    } as const;
    await store.insert(record, record.claimedAt);
    await expect(store.insert({ ...record, owner: 'worker-b' }, record.claimedAt)).rejects.toThrow(
      'claim the event again',
    );
    await expect(store.insert({ ...record, owner: 'worker-b' }, record.claimedAt)).resolves.toBeUndefined();
    await server.close();
  });
});
