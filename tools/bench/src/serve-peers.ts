import { join } from 'node:path';
import { bundle } from './bundle.ts';
import { freshProcess } from './fresh-process.ts';
import { type FunctionHost, type FunctionLimits, startHost } from './function-host.ts';
import type { Load, LoadResult } from './load-process.ts';
import type { Peer } from './peers.ts';
import { percentile } from './statistics.ts';

/** A peer that takes deliveries over HTTP. */
export interface Serving {
  readonly peer: Peer;
  readonly host: FunctionHost;
  readonly url: string;
}

/** One run of deliveries at one function, in milliseconds and microseconds. */
export interface Sample {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly cpuMicros: number;
}

/** What a run differs in from single deliveries that are all good. */
export type Wanted = Partial<Load> & Pick<Load, 'connections' | 'deliveries'>;

/** Sends so many deliveries. @throws Error when one is not answered as it should be */
export type Send = (to: Serving, wanted: Wanted) => Promise<Sample>;

/** Starts a peer in a process of its own. */
export async function servePeer(peer: Peer, limits?: FunctionLimits): Promise<Serving> {
  const host = await startHost({ environment: peer.environment, ...(limits && { limits }) });
  await host.load(peer.bundle);
  const { port } = await host.serve();
  return { peer, host, url: `http://127.0.0.1:${port}/webhooks/main` };
}

/** The load generator, a process for each run. */
export async function createSender(secret: string): Promise<Send> {
  const script = join(await bundle('load', { process: 'tools/bench/src/load-process.ts' }), 'process.mjs');
  let firstDelivery = 0;
  return async ({ peer, host, url }, wanted) => {
    const load: Load = {
      ...{ url, secret, dialect: peer.dialect, outcomes: 1, repeatedOfTen: 0, forgedOfTen: 0, firstDelivery },
      ...wanted,
    };
    firstDelivery += load.deliveries + 1;
    const before = await host.usage();
    const result = (await freshProcess(script, [JSON.stringify(load)], {})) as LoadResult;
    const after = await host.usage();
    assertAnswered(peer, load, result);
    return {
      p50: percentile(result.millis, 50),
      p99: percentile(result.millis, 99),
      p999: percentile(result.millis, 99.9),
      cpuMicros: (after.cpuMicros - before.cpuMicros) / load.deliveries,
    };
  };
}

/** What fails is quick, and proves nothing; only what was forged on purpose may be refused. */
function assertAnswered(
  { name }: Peer,
  { deliveries, forgedOfTen }: Load,
  { byStatus, failed }: LoadResult,
): void {
  const forged = (deliveries * forgedOfTen) / 10;
  const { 200: accepted = 0, 401: refused = 0 } = byStatus;
  if (failed === 0 && accepted + refused === deliveries && refused === forged) return;
  throw new Error(`${name} answered ${JSON.stringify({ ...byStatus, failed })} to ${deliveries} deliveries`);
}
