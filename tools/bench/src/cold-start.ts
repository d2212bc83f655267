import { bundleOf } from './built-function.ts';
import type { Benchmark } from './benchmark.ts';
import { type CpuShare, lambdaShare } from './cpu-share.ts';
import { conversationBody, httpEvent, outcomeBody } from './deliveries.ts';
import { firstEvents } from './first-events.ts';
import { bundleFloors } from './floors.ts';
import { type EventOf, inTurn, startsFor } from './first-starts.ts';
import { type IdleStage, startIdleStage } from './idle-stage.ts';
import { ingestPeers, mainSource, type Peer } from './peers.ts';
import { ratioRow, type Row, sampledRow } from './row.ts';
import { startTlsFront } from './tls-front.ts';

const benchmark = 'cold-start';
/** Of ingest, whose target is the closest, and of each other function. */
const SAMPLES = 15;
const OTHER_SAMPLES = 11;
const MEMORY_MEGABYTES = 512;
const MAX_INGEST_RATIO = 0.5;
const MAX_RATIO = 1.25;

/** Import, init and first event of every function in a process of its own, beside bare SDK clients and the peers, in turn. */
export const coldStart: Benchmark = {
  name: benchmark,
  run: async () => {
    const stage = await startIdleStage();
    const share = lambdaShare(MEMORY_MEGABYTES);
    try {
      // The peers leave on the queue what only they understand, so they come last.
      const others = await otherRows(stage, share);
      const rows = [...(await ingestRows(stage, share)), ...(await overTlsRows(stage, share)), ...others];
      const where = share?.description ?? 'the whole machine: this kernel lets nobody take less';
      return { rows, listing: [`cold starts on ${where}`] };
    } finally {
      share?.remove();
      await stage.stop();
    }
  },
};

async function ingestRows(stage: IdleStage, share: CpuShare | undefined): Promise<readonly Row[]> {
  const { ingest, floor: bare, powertools, others: seeds } = await ingestPeers(stage);
  const starters = [ingest, bare, powertools, ...seeds].map((peer) => ({
    ...peer,
    event: eventOf(peer, stage),
  }));
  const [ours = [], floor = [], ...others] = await inTurn(starters, SAMPLES, share);
  return [
    sampledRow({ benchmark, measure: 'ingest', unit: 'ms' }, ours),
    sampledRow({ benchmark, measure: '· floor: bare SDK clients and their calls', unit: 'ms' }, floor),
    {
      ...ratioRow({ benchmark, measure: '· ingest to floor' }, ours, floor),
      target: { atMost: MAX_INGEST_RATIO },
    },
    ...others.map((samples, index) =>
      sampledRow({ benchmark, measure: `· ${starters[index + 2]?.name ?? ''}`, unit: 'ms' }, samples),
    ),
  ];
}

/** As on AWS: certificates are read, and every connection begins with a handshake. */
async function overTlsRows(stage: IdleStage, share: CpuShare | undefined): Promise<readonly Row[]> {
  const { ingest, floor: bare } = await ingestPeers(stage);
  const front = await startTlsFront(ingest.environment);
  try {
    const starters = [ingest, bare].map((peer) => ({
      ...{ ...peer, environment: front.environment },
      event: eventOf(peer, stage),
    }));
    const [ours = [], floor = []] = await inTurn(starters, SAMPLES, share);
    return [
      sampledRow({ benchmark, measure: 'ingest, AWS over TLS', unit: 'ms' }, ours),
      sampledRow({ benchmark, measure: '· floor over TLS', unit: 'ms' }, floor),
      ratioRow({ benchmark, measure: '· ingest to floor, over TLS' }, ours, floor),
    ];
  } finally {
    await front.close();
  }
}

function eventOf({ dialect }: Peer, stage: IdleStage): EventOf {
  const { secret } = mainSource(stage);
  return (index) => {
    const now = new Date();
    const body = dialect === 'analytics' ? outcomeBody(index, now) : conversationBody(index, now);
    return httpEvent(body, index, { now, secret });
  };
}

/** Every other function, with messages that those before it have sent, or what else calls it. */
async function otherRows(stage: IdleStage, share: CpuShare | undefined): Promise<readonly Row[]> {
  const floors = await bundleFloors();
  const events = await firstEvents(stage, startsFor(OTHER_SAMPLES));
  const rows: Row[] = [];
  for (const [app, floor] of floors) {
    const own = events.get(app);
    // Those that ask Genesys Cloud first wait for it longer than for all else: of them only the start is compared.
    const name = own ? app : `${app}, to the end of init`;
    const common = { environment: stage.variablesOf(app), ...(own && { event: taking(own) }) };
    const [ours = [], bare = []] = await inTurn(
      [
        { ...common, name: app, bundle: bundleOf(app) },
        { ...common, name: 'floor', bundle: floor },
      ],
      OTHER_SAMPLES,
      share,
    );
    rows.push(
      sampledRow({ benchmark, measure: name, unit: 'ms' }, ours),
      sampledRow({ benchmark, measure: '· floor: its bare SDK clients and their calls', unit: 'ms' }, bare),
      { ...ratioRow({ benchmark, measure: `· ${app} to floor` }, ours, bare), target: { atMost: MAX_RATIO } },
    );
  }
  return rows;
}

const taking =
  (events: readonly object[]): EventOf =>
  (index) => {
    const event = events[index];
    if (!event) throw new Error('there are fewer events than processes');
    return event;
  };
