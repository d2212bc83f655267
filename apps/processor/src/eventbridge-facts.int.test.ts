import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { isUnavailable } from '@aftercall/queue';
import { buildFacts } from './build-facts.ts';
import { eventbridgeFacts } from './eventbridge-facts.ts';
import { mergeConversation } from './merge-conversation.ts';
import { conversationEvent } from './sample-events.ts';

interface Entry {
  readonly EventBusName: string;
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
}
const requests: Entry[][] = [];
let refuse: (entry: Entry) => string | undefined = () => undefined;
const bus = createServer((request, response) => {
  void json(request).then((body) => {
    const { Entries } = body as { Entries: Entry[] };
    requests.push(Entries);
    const answers = Entries.map((entry) => {
      const ErrorCode = refuse(entry);
      return ErrorCode === undefined ? { EventId: 'e' } : { ErrorCode, ErrorMessage: 'no' };
    });
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify({ FailedEntryCount: 0, Entries: answers }));
  });
});
let client: EventBridgeClient;

beforeAll(async () => {
  bus.listen(0, '127.0.0.1');
  await once(bus, 'listening');
  const { port } = bus.address() as AddressInfo;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = new EventBridgeClient({ endpoint: `http://127.0.0.1:${port}`, region: 'eu-west-1', credentials });
});
afterAll(() => {
  client.destroy();
  bus.close();
});
beforeEach(() => {
  requests.length = 0;
  refuse = () => undefined;
});

function factsOf(count: number, padding = '') {
  return Array.from({ length: count }, (_, n) => {
    const envelope = conversationEvent({
      id: `e${n}`,
      time: '2026-11-20T09:00:00.000Z',
      type: 'genesys.conversation.updated',
      data: { state: padding },
    });
    const conversation = mergeConversation(undefined, {
      key: 'c1',
      envelope,
      outcome: undefined,
      rawPayload: undefined,
    });
    return buildFacts(envelope, conversation, undefined);
  }).flat();
}

test('a fact is an event of the bus: its type is the detail-type, the CloudEvents object the detail', async () => {
  await eventbridgeFacts(client, 'aftercall')(factsOf(1));
  const [entry] = requests[0] ?? [];
  expect(entry).toMatchObject({
    EventBusName: 'aftercall',
    Source: 'aftercall',
    DetailType: 'aftercall.conversation.changed',
  });
  expect(JSON.parse(entry?.Detail ?? '')).toMatchObject({
    specversion: '1.0',
    id: 'main/e0/aftercall.conversation.changed',
  });
});

test('at most ten entries and one megabyte go into a request', async () => {
  await eventbridgeFacts(client, 'aftercall')(factsOf(23));
  expect(requests.map(({ length }) => length)).toEqual([10, 10, 3]);
  requests.length = 0;
  await eventbridgeFacts(client, 'aftercall')(factsOf(5, 'x'.repeat(300_000)));
  expect(requests.map(({ length }) => length)).toEqual([3, 2]);
});

test('one refused entry fails the whole, and says whether waiting helps', async () => {
  refuse = ({ Detail }) =>
    Detail.includes('"e1"') || Detail.includes('/e1/') ? 'ThrottlingException' : undefined;
  const throttled: unknown = await eventbridgeFacts(
    client,
    'aftercall',
  )(factsOf(3)).catch((error: unknown) => error);
  expect(isUnavailable(throttled)).toBe(true);
  refuse = () => 'MalformedDetail';
  const malformed: unknown = await eventbridgeFacts(
    client,
    'aftercall',
  )(factsOf(1)).catch((error: unknown) => error);
  expect(malformed).toMatchObject({ name: 'FactsRefusedError', code: 'MalformedDetail' });
  expect(isUnavailable(malformed)).toBe(false);
});
