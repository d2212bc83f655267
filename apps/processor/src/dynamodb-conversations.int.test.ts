import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AwsCall } from '@aftercall/aws-json';
import { dynamodbCall } from '@aftercall/aws-json/function';
import dynalite from 'dynalite';
import { dynamodbConversations } from './dynamodb-conversations.ts';
import { mergeConversation } from './merge-conversation.ts';
import { conversationEvent } from './sample-events.ts';

const TableName = 'conversations';
const server = dynalite({ createTableMs: 0 });
let client: DynamoDBClient;
let call: AwsCall;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const [endpoint, region] = [`http://127.0.0.1:${port}`, 'eu-west-1'];
  client = new DynamoDBClient({ endpoint, region, credentials });
  call = dynamodbCall({
    access: { region, credentials, endpointOf: () => endpoint },
    maxAttempts: 1,
    timeoutMillis: 5_000,
  });
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'conversationId', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'conversationId', KeyType: 'HASH' }],
    }),
  );
});
afterAll(async () => {
  client.destroy();
  server.close();
  await once(server, 'close');
});

const store = () => dynamodbConversations(call, TableName);
const conversationOf = (key: string, state: string) =>
  mergeConversation(undefined, {
    key,
    envelope: conversationEvent({
      id: state,
      time: '2026-11-20T09:00:00.000Z',
      type: 'genesys.conversation.updated',
      data: { state, agentIds: ['a1'] },
    }),
    outcome: undefined,
    rawPayload: undefined,
  });

test('what is written is read back, with its revision', async () => {
  const conversation = conversationOf('c1', 'connected');
  expect(await store().readConversation('c1')).toEqual({ conversation: undefined, revision: 0 });
  expect(await store().writeConversation(conversation, 0)).toBe('written');
  expect(await store().readConversation('c1')).toEqual({ conversation, revision: 1 });
});

test('of two writers at one revision only one writes', async () => {
  const races = ['x', 'y'].map((state) => store().writeConversation(conversationOf('c2', state), 0));
  expect((await Promise.all(races)).sort()).toEqual(['moved-on', 'written']);
  const again = ['x', 'y'].map((state) => store().writeConversation(conversationOf('c2', state), 1));
  expect((await Promise.all(again)).sort()).toEqual(['moved-on', 'written']);
});

test('an item of somebody else’s is not mistaken for a conversation', async () => {
  await call('PutItem', { TableName, Item: { conversationId: 'c3', rawPayload: '{}' } });
  await expect(store().readConversation('c3')).rejects.toThrow('not one of ours');
});

/** A table that answers as told, and remembers which keys it was asked for at once. */
function tableAnswering(answer: Readonly<Record<string, unknown>>) {
  const asked: unknown[] = [];
  const table = dynamodbConversations(async (_operation, input) => {
    asked.push(input);
    return answer;
  }, TableName);
  return { asked, readConversation: table.readConversation };
}

test('what is read at about the same time is one call, with each key once', async () => {
  const { asked, readConversation } = tableAnswering({ Responses: {} });
  await Promise.all(['c1', 'c2', 'c1'].map(readConversation));
  const Keys = [{ conversationId: 'c1' }, { conversationId: 'c2' }];
  expect(asked).toEqual([{ RequestItems: { [TableName]: { Keys, ConsistentRead: true } } }]);
});

test('a key that the table did not get to is throttling, and no conversation that does not exist', async () => {
  const { readConversation } = tableAnswering({
    Responses: {},
    UnprocessedKeys: { [TableName]: { Keys: [{ conversationId: 'c2' }] } },
  });
  const [first, second] = await Promise.allSettled(['c1', 'c2'].map(readConversation));
  expect(first).toMatchObject({ status: 'fulfilled', value: { revision: 0 } });
  expect(second).toMatchObject({ status: 'rejected', reason: { name: 'ThrottlingException' } });
});
