import { join } from 'node:path';
import { type FaultProxy, startFunctionProxies } from '@aftercall/fault-proxy';
import type { SQSRecord } from 'aws-lambda';
import type { Calls, CallsPerInvocation } from './calls-per-invocation.ts';
import { httpEvent, outcomeBody } from './deliveries.ts';
import { type FunctionHost, startHost } from './function-host.ts';
import { type IdleStage, startIdleStage } from './idle-stage.ts';
import { mainSource } from './peers.ts';
import { sqsEvent, takeMessages } from './queue-messages.ts';
import { repository } from './repository.ts';

/** What functions that are warm ask of AWS; each is one invocation. */
export interface CountedCalls extends CallsPerInvocation {
  readonly 'processor: a duplicate': Calls;
}

const BATCH = 10;
/** Far from the numbers of other measurements. */
const FIRST_DELIVERY = 3_000_000;

interface Counted {
  readonly stage: IdleStage;
  readonly hosts: ReadonlyMap<string, FunctionHost>;
  readonly proxies: Map<string, readonly FaultProxy[]>;
}

/** Counts with proxies between the built bundles and the emulators, without the function's first calls for secrets. */
export async function countCalls(): Promise<CountedCalls> {
  const proxies: Counted['proxies'] = new Map();
  const stage = await startIdleStage(async ({ app, variables }, endpoints) => {
    if (app !== 'ingest' && app !== 'processor') return {};
    const started = await startFunctionProxies(variables, endpoints);
    proxies.set(app, [...started.proxies.values()]);
    return started.variables;
  });
  const hosts = new Map([
    ['ingest', await loaded('ingest', stage)],
    ['processor', await loaded('processor', stage)],
  ]);
  try {
    return await count({ stage, hosts, proxies });
  } finally {
    await Promise.all([...hosts.values()].map((host) => host.stop()));
    await Promise.all([...proxies.values()].flat().map((proxy) => proxy.stop()));
    await stage.stop();
  }
}

async function loaded(app: string, stage: IdleStage): Promise<FunctionHost> {
  const host = await startHost({ environment: stage.variablesOf(app) });
  await host.load(join(repository, `dist/apps/${app}/main.mjs`));
  return host;
}

async function count(counted: Counted): Promise<CountedCalls> {
  const { clients, local } = counted.stage;
  const take = (count: number) => takeMessages(clients.sqs, local.resources.eventsQueueUrl, count);
  const process = (...records: readonly SQSRecord[]) => callsOf('processor', sqsEvent(...records), counted);
  await deliver(1, counted);
  const ingestOne = await deliver(1, counted);
  const [first, second] = await take(2);
  if (!first || !second) throw new Error('unreachable');
  const ingestTen = await deliver(BATCH, counted);
  await process(first);
  return {
    'ingest: one outcome': ingestOne,
    'ingest: ten outcomes in a delivery': ingestTen,
    'processor: one outcome': await process(second),
    'processor: ten outcomes of ten conversations': await process(...(await take(BATCH))),
    'processor: a duplicate': await process(second),
  };
}

let delivered = FIRST_DELIVERY;
async function deliver(outcomes: number, counted: Counted): Promise<Calls> {
  const now = new Date();
  const bodies = Array.from({ length: outcomes }, () => outcomeBody((delivered += 1), now));
  const [first = '{}'] = bodies;
  const data = bodies.map((body) => (JSON.parse(body) as { readonly data: object }).data);
  const body = outcomes === 1 ? first : JSON.stringify({ ...(JSON.parse(first) as object), data });
  return callsOf(
    'ingest',
    httpEvent(body, delivered, { now, secret: mainSource(counted.stage).secret }),
    counted,
  );
}

async function callsOf(app: string, event: object, { hosts, proxies }: Counted): Promise<Calls> {
  const ofApp = proxies.get(app) ?? [];
  ofApp.forEach((proxy) => proxy.reset());
  const { payload } = (await hosts.get(app)?.invoke(event)) ?? { payload: 'nothing' };
  if (!/^(\{"statusCode":200|\{"batchItemFailures":\[\]\})/.test(payload))
    throw new Error(`${app} did not take its event: ${payload.slice(0, 200)}`);
  const operations = ofApp.flatMap(({ calls }) => calls.map(({ operation }) => operation));
  return Object.fromEntries(
    Object.entries(Object.groupBy(operations, (operation) => operation))
      .map(([operation, calls = []]) => [operation, calls.length] as const)
      .toSorted(([left], [right]) => left.localeCompare(right)),
  );
}
