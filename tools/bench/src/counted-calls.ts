import { PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { type FaultProxy, startFunctionProxies } from '@aftercall/fault-proxy';
import type { SQSRecord } from 'aws-lambda';
import { bundleOf } from './built-function.ts';
import type { Calls } from './calls-per-invocation.ts';
import { batchOf, httpEvent, outcomeBody } from './deliveries.ts';
import { type FunctionHost, startHost } from './function-host.ts';
import { type IdleStage, startIdleStage } from './idle-stage.ts';
import { mainSource } from './peers.ts';
import { takeMessages } from './queue-messages.ts';
import { sqsEvent } from './sqs-record.ts';

/** One invocation each of functions that are warm. */
const INVOCATIONS = [
  'ingest: one outcome',
  'ingest: ten outcomes in a delivery',
  'processor: one outcome',
  'processor: ten outcomes of ten conversations',
  'processor: a duplicate',
  'lake-writer: ten outcomes',
  'compliance-router: one outcome',
  'transcript-fetcher: one transcript',
] as const;

/** Something for each of them. */
type ForEach<Value> = Readonly<Record<(typeof INVOCATIONS)[number], Value>>;

/** What functions that are warm ask of AWS. */
export type CountedCalls = ForEach<Calls>;

/** What costs are computed from. */
export interface CountedFigures {
  readonly calls: CountedCalls;
  /** What they write to their logs, metrics among it; a little more or less with the digits of times. */
  readonly logBytes: ForEach<number>;
  /** The types of the facts that the bus gets of one outcome, sorted. */
  readonly factsPerOutcome: readonly string[];
}

const APPS = ['ingest', 'processor', 'lake-writer', 'compliance-router', 'transcript-fetcher'] as const;
type App = (typeof APPS)[number];
const isCounted = (app: string): app is App => APPS.some((one) => one === app);

const BATCH = 10;
/** Far from the numbers of other measurements. */
const FIRST_DELIVERY = 3_000_000;

interface Counted {
  readonly stage: IdleStage;
  readonly hosts: ReadonlyMap<string, FunctionHost>;
  readonly proxies: Map<string, readonly FaultProxy[]>;
}

/** The calls alone, see `countFigures`. */
export const countCalls = async (): Promise<CountedCalls> => (await countFigures()).calls;

/** Counts with proxies between the built bundles and the emulators, without the functions' first calls for secrets and rules. */
export async function countFigures(): Promise<CountedFigures> {
  const proxies: Counted['proxies'] = new Map();
  const stage = await startIdleStage(async ({ app, variables }, endpoints) => {
    if (!isCounted(app)) return {};
    const started = await startFunctionProxies(variables, endpoints);
    proxies.set(app, [...started.proxies.values()]);
    return started.variables;
  });
  const hosts = new Map<string, FunctionHost>();
  try {
    for (const app of APPS) hosts.set(app, await loaded(app, stage));
    return await count({ stage, hosts, proxies });
  } finally {
    await Promise.all([...hosts.values()].map((host) => host.stop()));
    await Promise.all([...proxies.values()].flat().map((proxy) => proxy.stop()));
    await stage.stop();
  }
}

async function loaded(app: string, stage: IdleStage): Promise<FunctionHost> {
  const host = await startHost({ environment: stage.variablesOf(app) });
  await host.load(bundleOf(app));
  return host;
}

async function count(counted: Counted): Promise<CountedFigures> {
  const { clients, local } = counted.stage;
  const take = (count: number) => takeMessages(clients.sqs, local.resources.eventsQueueUrl, count);
  const process = (...records: readonly SQSRecord[]) => invoke('processor', sqsEvent(...records), counted);
  /** What a consumer does with so many messages of its queue; its first message is for what it reads once. */
  const consume = async (app: App, route: string, messages: number) => {
    const url = local.resources.queueUrls[route];
    if (url === undefined) throw new Error(`the stage has no queue ${route}`);
    await invoke(app, sqsEvent(...(await takeMessages(clients.sqs, url, 1))), counted);
    return invoke(app, sqsEvent(...(await takeMessages(clients.sqs, url, messages))), counted);
  };
  const facts = await listen(counted.stage);
  await deliver(1, counted);
  const ingestOne = await deliver(1, counted);
  const [first, second] = await take(2);
  if (!first || !second) throw new Error('unreachable');
  const ingestTen = await deliver(BATCH, counted);
  await process(first);
  const processedOne = await process(second);
  const heard = await facts(second);
  const invocations: ForEach<Invocation> = {
    'ingest: one outcome': ingestOne,
    'ingest: ten outcomes in a delivery': ingestTen,
    'processor: one outcome': processedOne,
    'processor: ten outcomes of ten conversations': await process(...(await take(BATCH))),
    'processor: a duplicate': await process(second),
    'lake-writer: ten outcomes': await consume('lake-writer', 'lake', BATCH),
    'compliance-router: one outcome': await consume('compliance-router', 'compliance', 1),
    'transcript-fetcher: one transcript': await consume('transcript-fetcher', 'transcript', 1),
  };
  return {
    calls: forEach(invocations, ({ calls }) => calls),
    logBytes: forEach(invocations, ({ logBytes }) => logBytes),
    factsPerOutcome: heard,
  };
}

const forEach = <Value>(of: ForEach<Invocation>, take: (one: Invocation) => Value): ForEach<Value> =>
  Object.fromEntries(INVOCATIONS.map((name) => [name, take(of[name])])) as ForEach<Value>;

const LISTENER = 'bench-facts';

/** Hears all that is told the bus from now on. @returns what is told of one message that the processor was given, by type */
async function listen({
  clients,
  local,
}: IdleStage): Promise<(record: SQSRecord) => Promise<readonly string[]>> {
  const { QueueUrl = '' } = await clients.sqs.send(new CreateQueueCommand({ QueueName: LISTENER }));
  const bus = { EventBusName: local.resources.busName };
  const pattern = JSON.stringify({ source: ['aftercall'] });
  await clients.events.send(new PutRuleCommand({ ...bus, Name: LISTENER, EventPattern: pattern }));
  const Targets = [{ Id: LISTENER, Arn: `arn:aws:sqs:${local.aws.region}:000000000000:${LISTENER}` }];
  await clients.events.send(new PutTargetsCommand({ ...bus, Rule: LISTENER, Targets }));
  return async ({ body }) => {
    const { subject } = JSON.parse(body) as { readonly subject: string };
    const types: string[] = [];
    for (let silent = 0; silent < 2; ) {
      const { Messages = [] } = await clients.sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
      );
      const events = Messages.map(({ Body = '{}' }) => JSON.parse(Body) as { readonly detail: Told });
      types.push(
        ...events.filter(({ detail }) => detail.subject === subject).map(({ detail }) => detail.type),
      );
      silent = Messages.length === 0 ? silent + 1 : 0;
    }
    return types.toSorted();
  };
}

interface Told {
  readonly type: string;
  readonly subject: string;
}

let delivered = FIRST_DELIVERY;
async function deliver(outcomes: number, counted: Counted): Promise<Invocation> {
  const now = new Date();
  const indexes = Array.from({ length: outcomes }, () => (delivered += 1));
  const body = outcomes === 1 ? outcomeBody(delivered, now) : batchOf(indexes, now);
  return invoke(
    'ingest',
    httpEvent(body, delivered, { now, secret: mainSource(counted.stage).secret }),
    counted,
  );
}

interface Invocation {
  readonly calls: Calls;
  readonly logBytes: number;
}

async function invoke(app: string, event: object, { hosts, proxies }: Counted): Promise<Invocation> {
  const ofApp = proxies.get(app) ?? [];
  ofApp.forEach((proxy) => proxy.reset());
  const { payload, logBytes } = (await hosts.get(app)?.invoke(event)) ?? { payload: 'nothing', logBytes: 0 };
  if (!/^(\{"statusCode":200|\{"batchItemFailures":\[\]\})/.test(payload))
    throw new Error(`${app} did not take its event: ${payload.slice(0, 200)}`);
  const operations = ofApp.flatMap(({ calls }) => calls.map(({ operation }) => operation));
  const calls = Object.fromEntries(
    Object.entries(Object.groupBy(operations, (operation) => operation))
      .map(([operation, made = []]) => [operation, made.length] as const)
      .toSorted(([left], [right]) => left.localeCompare(right)),
  );
  return { calls, logBytes };
}
