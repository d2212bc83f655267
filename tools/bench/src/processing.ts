import { join } from 'node:path';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { SQSRecord } from 'aws-lambda';
import { bundleOf } from './built-function.ts';
import type { Benchmark } from './benchmark.ts';
import { bundle } from './bundle.ts';
import type { Calls } from './calls-per-invocation.ts';
import { countCalls } from './counted-calls.ts';
import { httpEvent, outcomeBody } from './deliveries.ts';
import { type FunctionHost, startHost } from './function-host.ts';
import { type IdleStage, startIdleStage } from './idle-stage.ts';
import { ingestPeers, mainSource, type Peer } from './peers.ts';
import { takeMessages } from './queue-messages.ts';
import { ratioRow, type Row, sampledRow } from './row.ts';
import { sqsEvent } from './sqs-record.ts';

const benchmark = 'processing';
const ROUNDS = 11;
/** For compilers and caches. */
const WARM_UP_ROUNDS = 3;
const BATCH = 10;
const BATCHES = 80;
const MIN_TIMES_POWERTOOLS = 2;
const MAX_CALLS = 5;
const MAX_WRITE_UNITS = 3;
const WRITE_UNIT_BYTES = 1_024;
/** Far from the numbers of other measurements. */
const FIRST_DELIVERY = 5_000_000;

/** A processor, and who puts its messages on the queue. */
interface Contender {
  readonly host: FunctionHost;
  readonly feed: FunctionHost;
}

/** The processor beside one made of Powertools, batches of ten conversations against the same emulators, in turn. */
export const processing: Benchmark = {
  name: benchmark,
  run: async () => {
    const counted = await countCalls();
    const stage = await startIdleStage();
    const contenders = await startContenders(stage);
    try {
      const { rows, processed } = await timeRows(stage, contenders);
      return {
        rows: [
          ...rows,
          ...callRows('one outcome alone', counted['processor: one outcome'], 1),
          ...callRows(
            'of ten conversations in a batch',
            counted['processor: ten outcomes of ten conversations'],
            BATCH,
          ),
          await writeUnitsRow(stage, processed),
        ],
      };
    } finally {
      await Promise.all(Object.values(contenders).flatMap(({ host, feed }) => [host.stop(), feed.stop()]));
      await stage.stop();
    }
  },
};

async function startContenders(stage: IdleStage) {
  const peers = await ingestPeers(stage);
  const folder = await bundle('processors', {
    powertools: 'tools/bench/src/peers/powertools-processor.ts',
  });
  const environment = stage.variablesOf('processor');
  const start = async (file: string, feed: Peer): Promise<Contender> => ({
    host: await loaded(file, environment),
    feed: await loaded(feed.bundle, feed.environment),
  });
  return {
    ours: await start(bundleOf('processor'), peers.ingest),
    powertools: await start(join(folder, 'powertools.mjs'), peers.powertools),
  };
}

async function loaded(file: string, environment: Readonly<Record<string, string>>): Promise<FunctionHost> {
  const host = await startHost({ environment });
  await host.load(file);
  return host;
}

async function timeRows(
  stage: IdleStage,
  { ours, powertools }: Readonly<Record<'ours' | 'powertools', Contender>>,
): Promise<{ readonly rows: readonly Row[]; readonly processed: readonly SQSRecord[] }> {
  for (let index = 0; index < WARM_UP_ROUNDS; index += 1) {
    await round(stage, ours);
    await round(stage, powertools);
  }
  const samples = { ours: [] as number[], powertools: [] as number[] };
  let processed: readonly SQSRecord[] = [];
  for (let index = 0; index < ROUNDS; index += 1) {
    const result = await round(stage, ours);
    processed = result.records;
    samples.ours.push(result.perSecond);
    samples.powertools.push((await round(stage, powertools)).perSecond);
  }
  const row = (name: string, values: readonly number[]) =>
    sampledRow(
      { benchmark, measure: `outcomes per second and core, ten in a batch: ${name}`, unit: '/s' },
      values,
    );
  return {
    processed,
    rows: [
      row('processor', samples.ours),
      row('powertools', samples.powertools),
      {
        ...ratioRow(
          { benchmark, measure: 'outcomes per core, processor to powertools' },
          samples.ours,
          samples.powertools,
        ),
        target: { atLeast: MIN_TIMES_POWERTOOLS },
      },
    ],
  };
}

async function round(stage: IdleStage, { host, feed }: Contender) {
  const records = await messages(stage, feed);
  const before = await host.usage();
  for (let at = 0; at < records.length; at += BATCH) {
    const { payload } = await host.invoke(sqsEvent(...records.slice(at, at + BATCH)));
    if (!payload.includes('"batchItemFailures":[]'))
      throw new Error(`a batch failed: ${payload.slice(0, 200)}`);
  }
  const { cpuMicros } = await host.usage();
  return { records, perSecond: (1e6 * records.length) / (cpuMicros - before.cpuMicros) };
}

let delivered = FIRST_DELIVERY;
async function messages(stage: IdleStage, feed: FunctionHost): Promise<readonly SQSRecord[]> {
  const { secret } = mainSource(stage);
  for (let count = 0; count < BATCH * BATCHES; count += 1) {
    delivered += 1;
    const now = new Date();
    await feed.invoke(httpEvent(outcomeBody(delivered, now), delivered, { now, secret }));
  }
  return takeMessages(stage.clients.sqs, stage.local.resources.eventsQueueUrl, BATCH * BATCHES);
}

function callRows(when: string, calls: Calls, outcomes: number): readonly Row[] {
  const per = (value: number) => value / outcomes;
  const sum = Object.values(calls).reduce((total, count) => total + count, 0);
  const row = (measure: string, value: number): Row => ({ benchmark, measure, value: per(value), unit: '' });
  return [
    { ...row(`AWS calls per outcome, ${when}`, sum), target: { atMost: MAX_CALLS } },
    ...Object.entries(calls).map(([operation, count]) => row(`· ${operation}`, count)),
  ];
}

/** DynamoDB writes whole kilobytes: the claim and its end, and the conversation. */
async function writeUnitsRow({ clients, local }: IdleStage, records: readonly SQSRecord[]): Promise<Row> {
  const { ledgerTable, conversationsTable } = local.resources;
  const units = await Promise.all(
    records.slice(0, BATCH).map(async ({ body }) => {
      const { id, subject } = JSON.parse(body) as { readonly id: string; readonly subject: string };
      const [claim, conversation] = await Promise.all([
        clients.documents.send(
          new GetCommand({ TableName: ledgerTable, Key: { pk: `processor#main#${id}` } }),
        ),
        clients.documents.send(
          new GetCommand({ TableName: conversationsTable, Key: { conversationId: subject } }),
        ),
      ]);
      return 2 * unitsOf(claim.Item) + unitsOf(conversation.Item);
    }),
  );
  return {
    ...sampledRow({ benchmark, measure: 'DynamoDB write units per outcome', unit: '' }, units),
    target: { atMost: MAX_WRITE_UNITS },
  };
}

/** An item is a little smaller than its JSON. */
function unitsOf(item: object | undefined): number {
  if (!item) throw new Error('the tables do not have what was processed');
  return Math.ceil(Buffer.byteLength(JSON.stringify(item)) / WRITE_UNIT_BYTES);
}
