import type { FunctionLimits } from './function-host.ts';
import type { Peer } from './peers.ts';
import { type Send, servePeer } from './serve-peers.ts';

/** Makes 4.4 MB, the most that is taken. */
const OUTCOMES = 2_150;

/** What the largest delivery took. */
export interface LargestDelivery {
  readonly seconds: number;
  readonly peakRssBytes: number;
}

/** Sends the largest delivery to a process that has just started: the most that it ever held is then this delivery's. */
export async function deliverLargest(
  peer: Peer,
  send: Send,
  limits?: FunctionLimits,
): Promise<LargestDelivery> {
  const serving = await servePeer(peer, limits);
  try {
    const { p50 } = await send(serving, { connections: 1, deliveries: 1, outcomes: OUTCOMES });
    const { peakRssBytes } = await serving.host.usage();
    return { seconds: p50 / 1_000, peakRssBytes };
  } finally {
    await serving.host.stop();
  }
}
