// Invokes one built function over and over and prints how much memory stays in use.
import { mock } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { loadFunctions } from './functions-in-memory.ts';

/** What is to be invoked, how often, and how often in between memory is looked at. */
export interface Growth {
  readonly app: 'ingest' | 'processor';
  /** The folder of the built apps. */
  readonly apps: string;
  readonly invocations: number;
  readonly samples: number;
}

/** Bytes of `heapUsed` and `external` after so many invocations and a collection. */
export interface GrowthSample {
  readonly invocations: number;
  readonly bytes: number;
}

const { app, apps, invocations, samples } = JSON.parse(process.argv[2] ?? '') as Growth;
/** So many different messages take turns. */
const DIFFERENT = 100;

// What a function writes is its log; the samples go to standard output when all is done.
const print = process.stdout.write.bind(process.stdout);
process.stdout.write = () => true;

// The clock stands still: what is kept by the second, such as a circuit's window, is none of an invocation's, and on a slow
// machine each takes longer.
mock.timers.enable({ apis: ['Date'], now: Date.now() });

const { deliver, queued, work } = await loadFunctions(apps);
for (let index = 0; index < DIFFERENT; index += 1) await deliver(index);
const records = queued();

async function invoke(index: number): Promise<void> {
  if (app === 'processor') return work(records.slice(index % DIFFERENT, (index % DIFFERENT) + 1));
  await deliver(index);
  queued();
}

setFlagsFromString('--expose-gc');
// Code that was not run for a while is dropped otherwise, and what is measured falls by a megabyte somewhere.
setFlagsFromString('--no-flush-bytecode');
const collect = runInNewContext('gc') as () => void;

function bytesInUse(): number {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const found: GrowthSample[] = [];
for (let done = 0; done < invocations; ) {
  const until = done + invocations / samples;
  for (; done < until; done += 1) await invoke(done);
  found.push({ invocations: done, bytes: bytesInUse() });
}
print(JSON.stringify(found), () => process.exit());
