import type { Benchmark } from './benchmark.ts';
import { startIdleStage } from './idle-stage.ts';
import { deliverLargest } from './largest-delivery.ts';
import { ingestPeers, mainSource, type Peer, type Peers } from './peers.ts';
import { ratioRow, type Row, sampledRow } from './row.ts';
import { createSender, type Sample, type Send, servePeer, type Serving, type Wanted } from './serve-peers.ts';

const benchmark = 'acknowledgement';
const ROUNDS = 5;
const WARM_UP = { deliveries: 2_000, connections: 16 };
/** Sixteen connections have targets, so they have more samples, and larger ones. */
const LOADS = [
  { connections: 1, deliveries: 500, rounds: ROUNDS },
  { connections: 16, deliveries: 4_000, rounds: 11 },
  { connections: 64, deliveries: 3_000, rounds: ROUNDS },
] as const;
const MAX_CPU_RATIO = 0.5;
const MIN_TIMES_POWERTOOLS = 3;
const MAX_LARGE_SECONDS = 1;

/** Ingest and its peers behind HTTP, each in a process of its own, before the same emulators, in turn. */
export const acknowledgement: Benchmark = {
  name: benchmark,
  run: async () => {
    const stage = await startIdleStage();
    const peers = await ingestPeers(stage);
    const { ingest, floor, powertools, others, front } = peers;
    const serving = await Promise.all(
      [ingest, floor, powertools, ...others, front].map((peer) => servePeer(peer)),
    );
    const send = await createSender(mainSource(stage).secret);
    try {
      for (const each of serving) await send(each, WARM_UP);
      return { rows: await measure(peers, serving, send) };
    } finally {
      await Promise.all(serving.map(({ host }) => host.stop()));
      await stage.stop();
    }
  },
};

async function measure(peers: Peers, serving: readonly Serving[], send: Send): Promise<readonly Row[]> {
  const of = (...wanted: readonly Peer[]) => serving.filter(({ peer }) => wanted.includes(peer));
  return [
    ...(await connectionRows(serving, send)),
    ...(await mixedRows(of(peers.ingest, peers.powertools), send)),
    ...(await sizeRows(of(peers.ingest), send)),
    await largeRow(peers.ingest, send),
  ];
}

async function inTurn(
  serving: readonly Serving[],
  send: Send,
  wanted: Wanted,
  rounds = ROUNDS,
): Promise<Map<string, Sample[]>> {
  const samples = new Map<string, Sample[]>(serving.map(({ peer }) => [peer.name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const each of serving) samples.get(each.peer.name)?.push(await send(each, wanted));
  }
  return samples;
}

async function connectionRows(serving: readonly Serving[], send: Send): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const { connections, deliveries, rounds } of LOADS) {
    const samples = await inTurn(serving, send, { connections, deliveries }, rounds);
    const at = `2 KB, ${connections} ${connections === 1 ? 'connection' : 'connections'}`;
    for (const [name, ofPeer] of samples) rows.push(...latencyRows(`${at}: ${name}`, ofPeer));
    if (connections === 16) rows.push(...verdictRows(at, samples));
  }
  return rows;
}

function latencyRows(measure: string, samples: readonly Sample[]): readonly Row[] {
  const row = (what: string, unit: string, of: (sample: Sample) => number) =>
    sampledRow({ benchmark, measure: `${measure}, ${what}`, unit }, samples.map(of));
  return [
    row('p50', 'ms', ({ p50 }) => p50),
    row('p99', 'ms', ({ p99 }) => p99),
    row('p99.9', 'ms', ({ p999 }) => p999),
    row('CPU of a delivery, HTTP included', 'µs', ({ cpuMicros }) => cpuMicros),
  ];
}

/** What HTTP costs in front of every function is taken off. */
function verdictRows(at: string, samples: ReadonlyMap<string, readonly Sample[]>): readonly Row[] {
  const of = (name: string, value: (sample: Sample) => number) => (samples.get(name) ?? []).map(value);
  const front = of('front', ({ cpuMicros }) => cpuMicros);
  const cpu = (name: string) =>
    of(name, ({ cpuMicros }) => cpuMicros).map((micros, index) => micros - (front[index] ?? NaN));
  const p99 = (name: string) => of(name, (sample) => sample.p99);
  const ratio = (measure: string, ours: readonly number[], theirs: readonly number[]) =>
    ratioRow({ benchmark, measure: `${at}: ${measure}` }, ours, theirs);
  const perCore = (name: string) => cpu(name).map((micros) => 1e6 / micros);
  return [
    ...['ingest', 'floor', 'powertools'].map((name) =>
      sampledRow(
        { benchmark, measure: `${at}: ${name}, per second and core without HTTP`, unit: '/s' },
        perCore(name),
      ),
    ),
    {
      ...ratio('CPU of a delivery, ingest to floor', cpu('ingest'), cpu('floor')),
      target: { atMost: MAX_CPU_RATIO },
    },
    { ...ratio('p99, ingest to floor', p99('ingest'), p99('floor')), target: { atMost: 1 } },
    {
      ...ratio('deliveries per core, ingest to powertools', perCore('ingest'), perCore('powertools')),
      target: { atLeast: MIN_TIMES_POWERTOOLS },
    },
  ];
}

/** Three of ten are repeated, one is forged: only handlers that check signatures and answer alike are compared. */
async function mixedRows(serving: readonly Serving[], send: Send): Promise<readonly Row[]> {
  const wanted = { connections: 16, deliveries: 3_000, repeatedOfTen: 3, forgedOfTen: 1 };
  const samples = await inTurn(serving, send, wanted);
  return [...samples].flatMap(([name, ofPeer]) =>
    latencyRows(`2 KB, 30 % repeated, 10 % forged, 16 connections: ${name}`, ofPeer),
  );
}

async function sizeRows(serving: readonly Serving[], send: Send): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const { size, outcomes, deliveries } of [
    { size: '64 KB', outcomes: 32, deliveries: 200 },
    { size: '1 MB', outcomes: 480, deliveries: 32 },
  ]) {
    const samples = await inTurn(serving, send, { connections: 4, outcomes, deliveries });
    for (const [name, ofPeer] of samples)
      rows.push(...latencyRows(`${size}, ${outcomes} outcomes, 4 connections: ${name}`, ofPeer));
  }
  return rows;
}

async function largeRow(peer: Peer, send: Send): Promise<Row> {
  const seconds: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) seconds.push((await deliverLargest(peer, send)).seconds);
  const measure = '4.4 MB, the first of a process: acknowledged';
  return {
    ...sampledRow({ benchmark, measure, unit: 's' }, seconds),
    target: { atMost: MAX_LARGE_SECONDS },
  };
}
