import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A part of a core that processes can be put on. */
export interface CpuShare {
  /** For a document. */
  readonly description: string;
  /** From now on the process gets no more than the share, with all its threads. */
  take(pid: number): void;
  remove(): void;
}

/** Short, so that a function waits for its share about as often as it does on Lambda. */
const PERIOD_MICROS = 10_000;
/** A function has one whole core at so much memory. @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const MEGABYTES_PER_CORE = 1_769;
const ROOTS = { v1: '/sys/fs/cgroup/cpu', v2: '/sys/fs/cgroup' } as const;

/** What Lambda gives a function of so many megabytes, where the kernel lets us; undefined where it does not. */
export function lambdaShare(memoryMegabytes: number): CpuShare | undefined {
  const quota = Math.round((memoryMegabytes / MEGABYTES_PER_CORE) * PERIOD_MICROS);
  const isV2 = existsSync(join(ROOTS.v2, 'cgroup.controllers'));
  const folder = join(isV2 ? ROOTS.v2 : ROOTS.v1, `aftercall-bench-${process.pid}`);
  try {
    mkdirSync(folder);
    if (isV2) writeFileSync(join(folder, 'cpu.max'), `${quota} ${PERIOD_MICROS}`);
    else {
      writeFileSync(join(folder, 'cpu.cfs_period_us'), String(PERIOD_MICROS));
      writeFileSync(join(folder, 'cpu.cfs_quota_us'), String(quota));
    }
  } catch {
    return undefined;
  }
  return {
    description: `${((quota / PERIOD_MICROS) * 100).toFixed(0)} % of a core, as Lambda gives ${memoryMegabytes} MB`,
    take: (pid) => writeFileSync(join(folder, 'cgroup.procs'), String(pid)),
    remove: () => rmdirSync(folder),
  };
}
