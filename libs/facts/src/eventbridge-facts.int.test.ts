import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { AwsCall } from '@aftercall/aws-json';
import { eventsCall } from '@aftercall/aws-json/function';
import { sdkEvents } from '@aftercall/aws-json/sdk-events';
import type { Fact } from '@aftercall/schemas';
import { eventbridgeFacts } from './eventbridge-facts.ts';

interface Entry {
  readonly EventBusName: string;
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
  readonly Time: number;
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
let call: AwsCall;

beforeAll(async () => {
  bus.listen(0, '127.0.0.1');
  await once(bus, 'listening');
  const { port } = bus.address() as AddressInfo;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const [endpoint, region] = [`http://127.0.0.1:${port}`, 'eu-west-1'];
  client = new EventBridgeClient({ endpoint, region, credentials });
  call = eventsCall({
    access: { region, credentials, endpointOf: () => endpoint },
    maxAttempts: 1,
    timeoutMillis: 5_000,
  });
});
afterAll(() => {
  client.destroy();
  bus.close();
});
beforeEach(() => {
  requests.length = 0;
  refuse = () => undefined;
});

const factsOf = (count: number, padding = ''): readonly Fact[] =>
  Array.from({ length: count }, (_, n) => ({
    specversion: '1.0',
    id: `main/e${n}/aftercall.compliance.routed/default`,
    source: 'aftercall',
    type: 'aftercall.compliance.routed',
    subject: 'c1',
    time: '2026-11-20T09:00:00.000Z',
    datacontenttype: 'application/json',
    org: 'main',
    data: {
      queue: 'default',
      severity: 'minor',
      dueAt: '2026-11-21T09:00:00.000Z',
      violationCount: 1,
      violations: [
        {
          code: padding,
          category: null,
          severity: 'minor',
          offsetMs: 0,
          dueAt: '2026-11-21T09:00:00.000Z',
          rule: null,
        },
      ],
    },
  }));

test.each([
  ['signed by hand', () => call],
  ['through the SDK', () => sdkEvents(client)],
])(
  'a fact is an event of the bus: its type is the detail-type, the CloudEvents object the detail; %s',
  async (_way, callOf) => {
    await eventbridgeFacts(callOf(), 'aftercall')(factsOf(1));
    const [entry] = requests[0] ?? [];
    expect(entry).toMatchObject({
      EventBusName: 'aftercall',
      Source: 'aftercall',
      DetailType: 'aftercall.compliance.routed',
      Time: Date.parse('2026-11-20T09:00:00.000Z') / 1000,
    });
    expect(JSON.parse(entry?.Detail ?? '')).toMatchObject({
      specversion: '1.0',
      id: 'main/e0/aftercall.compliance.routed/default',
    });
  },
);

test('at most ten entries and one megabyte go into a request', async () => {
  await eventbridgeFacts(call, 'aftercall')(factsOf(23));
  expect(requests.map(({ length }) => length)).toEqual([10, 10, 3]);
  requests.length = 0;
  await eventbridgeFacts(call, 'aftercall')(factsOf(5, 'x'.repeat(300_000)));
  expect(requests.map(({ length }) => length)).toEqual([3, 2]);
});

test('one refused entry fails the whole, and says why', async () => {
  refuse = ({ Detail }) => (Detail.includes('/e1/') ? 'ThrottlingException' : undefined);
  await expect(eventbridgeFacts(call, 'aftercall')(factsOf(3))).rejects.toMatchObject({
    name: 'FactsRefusedError',
    code: 'ThrottlingException',
  });
});

test('an entry refused in a later request fails the whole too', async () => {
  refuse = ({ Detail }) => (Detail.includes('/e12/') ? 'MalformedDetail' : undefined);
  await expect(eventbridgeFacts(call, 'aftercall')(factsOf(13))).rejects.toMatchObject({
    code: 'MalformedDetail',
  });
});

test('callers at about the same time share a request, and each hears of its own facts only', async () => {
  const publish = eventbridgeFacts(call, 'aftercall');
  const facts = factsOf(6);
  refuse = ({ Detail }) => (Detail.includes('/e4/') ? 'ThrottlingException' : undefined);
  const results = await Promise.allSettled([
    publish(facts.slice(0, 2)),
    publish(facts.slice(2, 4)),
    publish(facts.slice(4)),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  expect(requests.map(({ length }) => length)).toEqual([6]);
});
