import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { SQSRecord } from 'aws-lambda';
import type { Benchmark } from './benchmark.ts';
import { bundleOf } from './built-function.ts';
import { batchOf, httpEvent } from './deliveries.ts';
import { type FunctionHost, startHost } from './function-host.ts';
import {
  bareMillis,
  growTables,
  type GrownTables,
  knownOutcome,
  type ProcessedItems,
} from './grown-tables.ts';
import { type IdleStage, startIdleStage } from './idle-stage.ts';
import { mainSource } from './peers.ts';
import { takeMessages } from './queue-messages.ts';
import { ratioRow, type Row, sampledRow } from './row.ts';
import { percentile } from './statistics.ts';
import { sqsEvent } from './sqs-record.ts';

const benchmark = 'growth';
/** Records of the ledger, and as many conversations: what the emulator takes in a minute. */
const SIZES = [500, 5_000, 50_000] as const;
const ROUNDS = 5;
const BATCH = 10;
/** Of each size in a round. */
const BATCHES = 20;
const BARE_CALLS = 200;
/** Fewer than ingest stores in place of splitting them. */
const OUTCOMES_OF_DELIVERY = 100;
const MIN_THROUGHPUT_RATIO = 0.8;
const MAX_P99_RATIO = 1.5;
/** Far from the numbers of other measurements. */
const FIRST_DELIVERY = 9_000_000;

/** What every part of the measurement needs. */
interface Bench {
  readonly stage: IdleStage;
  readonly ingest: FunctionHost;
  readonly items: ProcessedItems;
}

/** A processor whose tables hold so much already, and how it did. */
interface Grown {
  readonly size: number;
  readonly tables: GrownTables;
  readonly host: FunctionHost;
  readonly rounds: Round[];
}

interface Round {
  /** Of each batch. */
  readonly millis: readonly number[];
  /** Of each call to the emulator alone. */
  readonly bare: readonly number[];
}

/** The processor before tables of which one is a hundred times as large as another, in turn. */
export const growth: Benchmark = {
  name: benchmark,
  run: async () => {
    const stage = await startIdleStage();
    const hosts: FunctionHost[] = [];
    const load = async (app: string, tables: Partial<GrownTables> = {}): Promise<FunctionHost> => {
      const host = await startHost({ environment: { ...stage.variablesOf(app), ...tables } });
      hosts.push(host);
      await host.load(bundleOf(app));
      return host;
    };
    try {
      const ingest = await load('ingest');
      const bench = { stage, ingest, items: await processedItems(stage, ingest, await load('processor')) };
      const grown: Grown[] = [];
      for (const size of SIZES) {
        const tables = await growTables(stage.clients, size, bench.items);
        grown.push({ size, tables, host: await load('processor', tables), rounds: [] });
      }
      for (let round = 0; round <= ROUNDS; round += 1) await measureRound(round, grown, bench);
      return { rows: rowsOf(grown) };
    } finally {
      await Promise.all(hosts.map((host) => host.stop()));
      await stage.stop();
    }
  },
};

/** What the processor really writes for an outcome. */
async function processedItems(
  stage: IdleStage,
  ingest: FunctionHost,
  processor: FunctionHost,
): Promise<ProcessedItems> {
  const [record] = await messages([FIRST_DELIVERY], stage, ingest);
  await work(processor, record ? [record] : []);
  const { id, subject } = JSON.parse(record?.body ?? '{}') as {
    readonly id: string;
    readonly subject: string;
  };
  const { documents } = stage.clients;
  const { ledgerTable, conversationsTable } = stage.local.resources;
  const [{ Item: claim }, { Item: conversation }] = await Promise.all([
    documents.send(new GetCommand({ TableName: ledgerTable, Key: { pk: `processor#main#${id}` } })),
    documents.send(new GetCommand({ TableName: conversationsTable, Key: { conversationId: subject } })),
  ]);
  if (!claim || !conversation) throw new Error('the tables do not have what was processed');
  return { claim, conversation };
}

/** Each size in turn, with messages that are made before the clock runs; a first round is for compilers and caches. */
async function measureRound(
  round: number,
  grown: readonly Grown[],
  { stage, ingest, items }: Bench,
): Promise<void> {
  for (const { size, tables, host, rounds } of grown) {
    const records = await messages(outcomesOf(round, size), stage, ingest);
    const bare = await bareMillis(stage.clients, tables, items, { size, calls: BARE_CALLS });
    const millis: number[] = [];
    for (let at = 0; at < records.length; at += BATCH)
      millis.push(await work(host, records.slice(at, at + BATCH)));
    if (round > 0) rounds.push({ millis, bare });
  }
}

let numbered = FIRST_DELIVERY;
/** In each batch as many conversations that are new as such that are there. */
const outcomesOf = (round: number, size: number): readonly number[] =>
  Array.from({ length: BATCH * BATCHES }, (_, index) => {
    numbered += 1;
    // The steps lead all over the table, and come to a conversation once before they come to it again.
    return index % 2 === 0 ? numbered : knownOutcome((round * BATCH * BATCHES + index) * 7_919, size);
  });

async function messages(
  outcomes: readonly number[],
  stage: IdleStage,
  ingest: FunctionHost,
): Promise<readonly SQSRecord[]> {
  const { secret } = mainSource(stage);
  for (let at = 0; at < outcomes.length; at += OUTCOMES_OF_DELIVERY) {
    const now = new Date();
    const body = batchOf(outcomes.slice(at, at + OUTCOMES_OF_DELIVERY), now);
    const { payload } = await ingest.invoke(httpEvent(body, at, { now, secret }));
    if (!payload.includes('"statusCode":200')) throw new Error(`ingest answered ${payload.slice(0, 200)}`);
  }
  return takeMessages(stage.clients.sqs, stage.local.resources.eventsQueueUrl, outcomes.length);
}

/** @returns milliseconds */
async function work(processor: FunctionHost, records: readonly SQSRecord[]): Promise<number> {
  const { millis, payload } = await processor.invoke(sqsEvent(...records));
  if (!payload.includes('"batchItemFailures":[]'))
    throw new Error(`a batch failed: ${payload.slice(0, 200)}`);
  return millis;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const perSecond = ({ millis }: Round): number => (1_000 * BATCH * millis.length) / sum(millis);
const barePerSecond = ({ bare }: Round): number => (1_000 * bare.length) / sum(bare);
const p99 = ({ rounds }: Grown): number =>
  percentile(
    rounds.flatMap(({ millis }) => millis),
    99,
  );

function rowsOf(grown: readonly Grown[]): readonly Row[] {
  const [smallest, ...larger] = grown;
  if (!smallest) throw new Error('unreachable');
  return [...grown.flatMap(sizeRows), ...larger.flatMap((each) => ratioRows(each, smallest))];
}

function sizeRows(grown: Grown): readonly Row[] {
  const name = `${grown.size.toLocaleString('en')} records and conversations`;
  const { rounds } = grown;
  return [
    sampledRow({ benchmark, measure: `${name}: outcomes per second`, unit: '/s' }, rounds.map(perSecond)),
    { benchmark, measure: '· p99 of a batch of ten', unit: 'ms', value: p99(grown) },
    sampledRow(
      { benchmark, measure: '· writes and reads per second, the emulator alone', unit: '/s' },
      rounds.map(barePerSecond),
    ),
  ];
}

function ratioRows(large: Grown, small: Grown): readonly Row[] {
  const name = `${large.size / small.size} × as much`;
  const ratio = (measure: string, of: (round: Round) => number) =>
    ratioRow({ benchmark, measure: `${name}: ${measure}` }, large.rounds.map(of), small.rounds.map(of));
  return [
    { ...ratio('outcomes per second', perSecond), target: { atLeast: MIN_THROUGHPUT_RATIO } },
    {
      ...{ benchmark, measure: `${name}: p99 of a batch`, unit: '×', value: p99(large) / p99(small) },
      target: { atMost: MAX_P99_RATIO },
    },
    ratio('the emulator alone', barePerSecond),
  ];
}
