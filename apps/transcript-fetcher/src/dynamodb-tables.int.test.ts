import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { TranscriptRequest } from '@aftercall/schemas';
import dynalite from 'dynalite';
import { addTranscriptKey } from './add-transcript-key.ts';
import { dynamodbConversationTranscripts } from './dynamodb-conversation-transcripts.ts';
import { dynamodbMissingTranscripts } from './dynamodb-missing-transcripts.ts';

const server = dynalite({ createTableMs: 0 });
let client: DynamoDBClient;
let documents: DynamoDBDocumentClient;
let run = 0;
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = new DynamoDBClient({ endpoint: `http://127.0.0.1:${port}`, region: 'eu-west-1', credentials });
  documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
});
afterAll(async () => {
  client.destroy();
  server.close();
  await once(server, 'close');
});
beforeEach(() => void (run += 1));

async function createTable(hash: string, range?: string): Promise<string> {
  const TableName = `table-${run}`;
  const keys = [
    { AttributeName: hash, KeyType: 'HASH' as const },
    ...(range ? [{ AttributeName: range, KeyType: 'RANGE' as const }] : []),
  ];
  const AttributeDefinitions = keys.map(({ AttributeName }) => ({
    AttributeName,
    AttributeType: 'S' as const,
  }));
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions,
      KeySchema: keys,
    }),
  );
  return TableName;
}

describe('the transcripts of a conversation', () => {
  const open = async () => {
    const TableName = await createTable('conversationId');
    const put = (Item: Record<string, unknown>) => documents.send(new PutCommand({ TableName, Item }));
    const get = async (conversationId: string) =>
      (await documents.send(new GetCommand({ TableName, Key: { conversationId } }))).Item;
    return { put, get, transcripts: dynamodbConversationTranscripts(documents, TableName) };
  };
  const item = {
    conversationId: 'c1',
    transcripts: [],
    revision: 3,
    guards: { status: 'x' },
    agentIds: ['a1'],
  };

  test('are added to its item, whose other fields stay, under the next revision', async () => {
    const { put, get, transcripts } = await open();
    await put(item);
    await addTranscriptKey('c1', 'b', transcripts);
    await addTranscriptKey('c1', 'a', transcripts);
    await addTranscriptKey('c1', 'b', transcripts);
    expect(await get('c1')).toEqual({ ...item, transcripts: ['a', 'b'], revision: 5 });
  });

  test('that several writers add at a time are all there', async () => {
    const { put, get, transcripts } = await open();
    await put(item);
    await Promise.all(['a', 'b', 'c'].map((key) => addTranscriptKey('c1', key, transcripts)));
    expect(await get('c1')).toMatchObject({ transcripts: ['a', 'b', 'c'], revision: 6 });
  });

  test('do not make an item where there is none', async () => {
    const { get, transcripts } = await open();
    await expect(addTranscriptKey('c1', 'a', transcripts)).rejects.toThrow('not there yet');
    expect(await transcripts.writeTranscripts('c1', { transcripts: ['a'], revision: 0 })).toBe('moved-on');
    expect(await get('c1')).toBeUndefined();
  });

  test('are not looked for in an item of somebody else’s', async () => {
    const { put, transcripts } = await open();
    await put({ conversationId: 'c1', transcripts: 'none' });
    await expect(transcripts.readTranscripts('c1')).rejects.toThrow('not one of ours');
  });
});

describe('what is missing', () => {
  const request: TranscriptRequest = {
    org: 'main',
    conversationId: 'c1',
    communicationId: 'm1',
    eventTime: '2026-11-20T14:03:27.418Z',
    requestedAt: '2026-11-20T23:59:59.999Z',
    notReady: 8,
  };
  const at = new Date('2026-12-28T00:00:00.500Z');
  const open = async () => {
    const TableName = await createTable('day', 'id');
    const missing = dynamodbMissingTranscripts(documents, TableName);
    const of = async (day: string) => {
      const all: TranscriptRequest[] = [];
      for await (const page of missing.missingOf(day)) all.push(...page);
      return all;
    };
    const rows = async () => (await documents.send(new ScanCommand({ TableName }))).Items ?? [];
    const put = (Item: Record<string, unknown>) => documents.send(new PutCommand({ TableName, Item }));
    return { ...missing, of, rows, put };
  };

  test('is noted under the day on which it was first asked for, once, and comes back as it was', async () => {
    const { putMissing, of, rows } = await open();
    const { communicationId: _communicationId, ...ofConversation } = request;
    await putMissing(request, at);
    await putMissing({ ...request, notReady: 9 }, at);
    await putMissing(ofConversation, at);
    await putMissing({ ...request, requestedAt: '2026-11-21T00:00:00.000Z' }, at);
    expect(await of('2026-11-20')).toEqual([ofConversation, { ...request, notReady: 9 }]);
    expect(await of('2026-11-21')).toHaveLength(1);
    expect(await of('2026-11-22')).toEqual([]);
    expect((await rows())[0]).toMatchObject({ expiresAt: Date.parse('2026-12-28T00:00:01Z') / 1000 });
  });

  test('is forgotten when it is there, and nothing else with it', async () => {
    const { putMissing, removeMissing, of } = await open();
    const other = { ...request, org: 'main/c1', conversationId: 'x' };
    await putMissing(request, at);
    await putMissing(other, at);
    await removeMissing(request);
    await removeMissing(request);
    expect(await of('2026-11-20')).toEqual([other]);
  });

  test('comes in pages, however much it is', async () => {
    const { putMissing, of } = await open();
    const conversationId = 'ü'.repeat(80);
    // DynamoDB ends a page at 1 MB.
    const many = Array.from({ length: 900 }, (_, index) => ({
      ...{ ...request, conversationId, communicationId: `${index}-${'ü'.repeat(70)}` },
    }));
    for (let from = 0; from < many.length; from += 100)
      await Promise.all(many.slice(from, from + 100).map((each) => putMissing(each, at)));
    expect((await of('2026-11-20')).length).toBe(900);
  });

  test('may have ids that are longer than a key', async () => {
    const { putMissing, removeMissing, of } = await open();
    const long = { ...request, conversationId: '🙂'.repeat(128), communicationId: '🙃'.repeat(128) };
    await putMissing(long, at);
    expect(await of('2026-11-20')).toEqual([long]);
    await removeMissing(long);
    expect(await of('2026-11-20')).toEqual([]);
  });

  test('is not guessed at in a row of somebody else’s', async () => {
    const { put, of } = await open();
    await put({ day: '2026-11-20', id: 'x', org: 'main' });
    await expect(of('2026-11-20')).rejects.toThrow('not one of ours');
  });
});
