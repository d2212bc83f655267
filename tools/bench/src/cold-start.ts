import { bundleOf } from './built-function.ts';
import type { Benchmark } from './benchmark.ts';
import { type CpuShare, lambdaShare } from './cpu-share.ts';
import { conversationBody, httpEvent, outcomeBody } from './deliveries.ts';
import { firstEvents } from './first-events.ts';
import { bundleFloors } from './floors.ts';
import { startHost } from './function-host.ts';
import { type IdleStage, startIdleStage } from './idle-stage.ts';
import { ingestPeers, mainSource, type Peer } from './peers.ts';
import { ratioRow, type Row, sampledRow } from './row.ts';

const benchmark = 'cold-start';
const PROCESSES = 15;
/** Its targets are the closest. */
const INGEST_PROCESSES = 31;
const MEMORY_MEGABYTES = 512;
const MAX_INGEST_RATIO = 0.5;
const MAX_RATIO = 1.25;

/** A bundle with an event for each of its first times. */
interface Starter {
  readonly name: string;
  readonly bundle: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Made when it is sent: a delivery is only good for some seconds. Without one a start ends with init. */
  readonly event?: (index: number) => object;
}

type EventOf = NonNullable<Starter['event']>;

/** Import, init and first event of every function in a process of its own, beside bare SDK clients and the peers, in turn. */
export const coldStart: Benchmark = {
  name: benchmark,
  run: async () => {
    const stage = await startIdleStage();
    const share = lambdaShare(MEMORY_MEGABYTES);
    try {
      // The peers leave on the queue what only they understand, so they come last.
      const others = await otherRows(stage, share);
      const rows = [...(await ingestRows(stage, share)), ...others];
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
  const [ours = [], floor = [], ...others] = await inTurn(starters, INGEST_PROCESSES, share);
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
  const events = await firstEvents(stage, PROCESSES + 1);
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
      PROCESSES,
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

/** @returns milliseconds for each starter, one sample a round; a first round finds the files cold and does not count */
async function inTurn(
  starters: readonly Starter[],
  processes: number,
  share: CpuShare | undefined,
): Promise<readonly (readonly number[])[]> {
  const samples: number[][] = starters.map(() => []);
  for (let round = 0; round <= processes; round += 1) {
    for (const [index, starter] of starters.entries()) {
      const millis = await startOnce(starter, round, share);
      if (round > 0) samples[index]?.push(millis);
    }
  }
  return samples;
}

async function startOnce(
  { name, bundle, environment, event }: Starter,
  round: number,
  share: CpuShare | undefined,
): Promise<number> {
  const host = await startHost({ environment, ...(share && { share }) });
  try {
    const { importMillis } = await host.load(bundle);
    if (event === undefined) return importMillis;
    const { millis, payload } = await host.invoke(event(round));
    assertTaken(name, payload);
    return importMillis + millis;
  } finally {
    await host.stop();
  }
}

/** A function that refuses is quick, and proves nothing. */
function assertTaken(name: string, payload: string): void {
  const answer = JSON.parse(payload) as {
    readonly statusCode?: number;
    readonly batchItemFailures?: readonly unknown[];
  } | null;
  if ((answer?.statusCode ?? 200) === 200 && (answer?.batchItemFailures ?? []).length === 0) return;
  throw new Error(`${name} did not take its first event: ${payload.slice(0, 200)}`);
}
