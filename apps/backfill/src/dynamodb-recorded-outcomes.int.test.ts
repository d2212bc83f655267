import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { createLedger, dynamodbLedgerStore } from '@aftercall/idempotency';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sdkDynamodb } from '@aftercall/aws-json/sdk-dynamodb';
import { dynamodbRecordedOutcomes } from './dynamodb-recorded-outcomes.ts';
import { type DynamodbTestServer, startDynamodb } from './dynamodb-test-server.ts';

const tables = { conversationsTable: 'conversations', ledgerTable: 'ledger', defaultOrg: 'main' };
let server: DynamodbTestServer;
beforeAll(async () => {
  server = await startDynamodb();
  await server.createTable('conversations', 'conversationId');
  await server.createTable('ledger', 'pk');
});
afterAll(() => server.close());

const recorded = () => dynamodbRecordedOutcomes(server.documents, tables);
const putConversation = (conversationId: string, guards: object) =>
  server.documents.send(
    new PutCommand({ TableName: 'conversations', Item: { conversationId, guards, sentimentScore: 0.1 } }),
  );

test('an outcome leaves its guard, conversation events do not', async () => {
  await putConversation('c-1', { status: '1|x', sentimentScore: 'x' });
  await putConversation('c-2', { violationCount: 'x' });
  await putConversation('c-3', { status: '1|x', state: '1|x' });
  const found = await recorded().conversationsWithOutcome('main', ['c-1', 'c-2', 'c-3', 'c-4']);
  expect(found).toEqual(new Set(['c-1', 'c-2']));
});

test('another organisation has conversations of its own', async () => {
  await putConversation('c-1', { sentimentScore: 'x' });
  await putConversation('acme/c-9', { sentimentScore: 'x' });
  expect(await recorded().conversationsWithOutcome('acme', ['c-1', 'c-9'])).toEqual(new Set(['c-9']));
});

test('more than one call can hold is asked for in several', async () => {
  const ids = Array.from({ length: 230 }, (_, number) => `many-${number}`);
  await Promise.all(ids.map((id) => putConversation(id, { sentimentScore: 'x' })));
  expect((await recorded().conversationsWithOutcome('main', ids)).size).toBe(230);
});

test('an event is known when the processor has done it, not while it may fail', async () => {
  const ledger = createLedger({
    store: dynamodbLedgerStore(sdkDynamodb(server.documents), 'ledger'),
    consumer: 'processor',
    now: () => new Date(),
    newOwner: () => crypto.randomUUID(),
    retentionSeconds: 1_000,
  });
  const claim = async (eventId: string) => {
    const claimed = await ledger.claim({ org: 'main', eventId, digest: 'd', leaseSeconds: 10 });
    if (claimed.outcome !== 'claimed') throw new Error('the first claim is granted');
    return claimed.claim;
  };
  await ledger.complete(await claim('done#c/-'));
  await claim('begun#c/-');
  const known = await recorded().knownEvents('main', ['done#c/-', 'begun#c/-', 'never#c/-']);
  expect(known).toEqual(new Set(['done#c/-']));
});
