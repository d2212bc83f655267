import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DeleteCommand, PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { dynamodbLedgerStore } from './dynamodb-ledger-store.ts';
import { dynoxidePath, startDynalite, startDynoxide, type TestServer } from './dynamodb-test-servers.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { ledgerStoreContract } from './store-contract.ts';

const oldItemServer = dynoxidePath
  ? {
      title: 'DynamoDB that returns the old item (dynoxide)',
      start: () => startDynoxide(dynoxidePath ?? ''),
      duplicate: ['PutItemCommand'],
    }
  : {
      title: 'DynamoDB (dynalite, because dynoxide is not installed here: the old item is untried)',
      start: startDynalite,
      duplicate: ['PutItemCommand', 'GetItemCommand'],
    };

const readingServer = {
  title: 'DynamoDB that does not return the old item (dynalite)',
  start: startDynalite,
  duplicate: ['PutItemCommand', 'GetItemCommand'],
};

describe.each([oldItemServer, readingServer])('the ledger store on $title', ({ title, start, duplicate }) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.close());

  ledgerStoreContract(`the contract on ${title}`, async () =>
    dynamodbLedgerStore(server.client, server.tableName),
  );

  describe('the ledger', () => {
    let owners = 0;
    const ledgerOver = (client: DynamoDBDocumentClient): Ledger =>
      createLedger({
        store: dynamodbLedgerStore(client, server.tableName),
        consumer: 'processor',
        now: () => new Date('2026-11-20T14:05:00Z'),
        newOwner: () => `owner-${(owners += 1)}`,
        retentionSeconds: 6_048_000,
      });
    const request = (eventId: string) => ({ org: 'main', eventId, digest: 'd1', leaseSeconds: 40 });

    test(`asks for a duplicate ${duplicate.join(' and then ')} and nothing else`, async () => {
      const ledger = ledgerOver(server.client);
      const first = await ledger.claim(request('counted'));
      if (first.outcome !== 'claimed') throw new Error('the first claim is granted');
      await ledger.complete(first.claim);

      const calls: string[] = [];
      const stop = eachCall(server.client, async (name) => void calls.push(name));
      const second = await ledger.claim(request('counted'));
      stop();

      expect(second).toEqual({ outcome: 'completed' });
      expect(calls).toEqual(duplicate);
    });

    test('lets exactly one of two workers that race for a lapsed lease in', async () => {
      const ledger = ledgerOver(server.client);
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
      await server.client.send(new PutCommand({ TableName: server.tableName, Item: item }));
      const claiming = ledgerOver(server.client).claim(request('foreign'));
      await expect(claiming).rejects.toThrow('without a valid "leaseUntil"');
    });
  });
});

describe('the ledger store where the old item has to be read', () => {
  test('says that the event can be claimed again when the record goes between write and read', async () => {
    const server = await startDynalite();
    const store = dynamodbLedgerStore(server.client, server.tableName);
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
    const stop = eachCall(server.client, async (name) => {
      if (name !== 'GetItemCommand') return;
      stop();
      await server.client.send(new DeleteCommand({ TableName: server.tableName, Key: { pk: record.pk } }));
    });

    await expect(store.insert({ ...record, owner: 'worker-b' }, record.claimedAt)).rejects.toThrow(
      'claim the event again',
    );
    await expect(store.insert({ ...record, owner: 'worker-b' }, record.claimedAt)).resolves.toBeUndefined();
    await server.close();
  });
});

/** Runs `before` ahead of each call that leaves the client; the answer ends it. */
function eachCall(
  client: DynamoDBDocumentClient,
  before: (commandName: string) => Promise<void>,
): () => void {
  const name = 'each-call';
  client.middlewareStack.add(
    (next, context) => async (args) => {
      await before(context.commandName ?? '');
      return next(args);
    },
    { step: 'finalizeRequest', name },
  );
  return () => void client.middlewareStack.remove(name);
}
