import { join } from 'node:path';
import { bundleOf } from './built-function.ts';
import { BARE_ENVIRONMENT } from './bare-environment.ts';
import { bundle } from './bundle.ts';
import { freshProcess } from './fresh-process.ts';
import { median } from './statistics.ts';

export const INGEST = bundleOf('ingest');

export interface Import {
  readonly importMillis: number;
  readonly processCpuMillis: number;
}

/** Imports ingest, and a bundle of nothing but two SDK clients, in so many fresh processes each, in turn. */
export async function importsInTurn(
  processes: number,
): Promise<{ readonly ours: readonly Import[]; readonly floor: readonly Import[] }> {
  const bench = await bundle('imports', {
    bare: 'tools/bench/src/bare-clients.ts',
    process: 'tools/bench/src/import-process.ts',
  });
  const importOf = async (file: string) =>
    (await freshProcess(join(bench, 'process.mjs'), [file], BARE_ENVIRONMENT)) as Import;
  const bare = join(bench, 'bare.mjs');
  // Neither is to find its files colder than the other.
  await importOf(INGEST);
  await importOf(bare);
  const ours: Import[] = [];
  const floor: Import[] = [];
  for (let process = 0; process < processes; process += 1) {
    ours.push(await importOf(INGEST));
    floor.push(await importOf(bare));
  }
  return { ours, floor };
}

/** How much CPU time ingest's process takes, to the end of its import, of what the bare clients' takes. */
export async function importRatio(processes: number): Promise<number> {
  const { ours, floor } = await importsInTurn(processes);
  return median(
    ours.map(({ processCpuMillis }, index) => processCpuMillis / (floor[index]?.processCpuMillis ?? NaN)),
  );
}
