import { join } from 'node:path';
import { bundleOf } from './built-function.ts';
import { bundle } from './bundle.ts';
import type { IdleStage } from './idle-stage.ts';

/** A handler that does ingest's job, or what stands for it elsewhere. */
export interface Peer {
  readonly name: string;
  readonly bundle: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly dialect: 'analytics' | 'conversation';
}

export interface Peers {
  readonly ingest: Peer;
  /** Makes ingest's calls with the SDK and does nothing else. */
  readonly floor: Peer;
  readonly powertools: Peer;
  readonly others: readonly Peer[];
  /** Does nothing: what it costs is the way there. */
  readonly front: Peer;
}

/** Ingest, and what it is compared with. */
export async function ingestPeers(stage: IdleStage): Promise<Peers> {
  const folder = await bundle('peers', {
    floor: 'tools/bench/src/peers/floor-ingest.ts',
    front: 'tools/bench/src/peers/front.ts',
    powertools: 'tools/bench/src/peers/powertools-ingest.ts',
    'seed-000': 'tools/bench/src/peers/seed-000.ts',
    'seed-002': 'tools/bench/src/peers/seed-002.ts',
  });
  const own = stage.variablesOf('ingest');
  const main = mainSource(stage);
  const peer = (name: string, more: Readonly<Record<string, string>> = {}): Peer => ({
    name,
    bundle: join(folder, `${name}.mjs`),
    environment: { ...own, ...more },
    dialect: name === 'seed-002' ? 'conversation' : 'analytics',
  });
  return {
    ingest: { ...peer('ingest'), bundle: bundleOf('ingest') },
    floor: peer('floor'),
    powertools: peer('powertools', { SOURCE_SECRET_NAME: 'aftercall/local/sources/main' }),
    others: [
      peer('seed-000'),
      peer('seed-002', {
        GENESYS_WEBHOOK_SECRET: main.secret,
        CONVERSATIONS_TABLE: stage.local.resources.conversationsTable,
      }),
    ],
    front: peer('front'),
  };
}

/** The source that deliveries are signed for. */
export function mainSource({ local }: Pick<IdleStage, 'local'>) {
  const source = local.sources.find(({ key }) => key === 'main');
  if (!source) throw new Error('the stage has no source main');
  return source;
}
