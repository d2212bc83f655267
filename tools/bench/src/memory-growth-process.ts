// Invokes one built function over and over and prints how much memory stays in use.
import { readFileSync } from 'node:fs';
import { mock } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { SQSRecord } from 'aws-lambda';
import pMap from 'p-map';
import { loadFunctions } from './functions-in-memory.ts';
import { partnerRecord } from './partner-record.ts';
import { givenUp } from './sqs-record.ts';

/** The functions whose calls can be answered in memory. */
export type GrowingApp =
  | 'ingest'
  | 'processor'
  | 'partner-ingest'
  | 'compliance-router'
  | 'lake-writer'
  | 'dead-letters';

/** What is to be invoked, how often, and how often in between memory is looked at. */
export interface Growth {
  readonly app: GrowingApp;
  /** The folder of the built apps. */
  readonly apps: string;
  /** The file of a recorded partner event. */
  readonly partnerEvent: string;
  readonly invocations: number;
  readonly samples: number;
}

/** Bytes of `heapUsed` and `external` after so many invocations and a collection. */
export interface GrowthSample {
  readonly invocations: number;
  readonly bytes: number;
}

const { app, apps, partnerEvent, invocations, samples } = JSON.parse(process.argv[2] ?? '') as Growth;
/** So many different messages take turns. */
const DIFFERENT = 100;
/** The processor waits some milliseconds for whatever else is to be read; side by side, invocations wait together. */
const CONCURRENCY = 10;

// What a function writes is its log; the samples go to standard output when all is done.
const print = process.stdout.write.bind(process.stdout);
process.stdout.write = () => true;

// The clock stands still: what is kept by the second, such as a circuit's window, is none of an invocation's, and on a slow
// machine each takes longer.
mock.timers.enable({ apis: ['Date'], now: Date.now() });

const { deliver, queued, facts, forget, work } = await loadFunctions(apps);

/** Different messages for the function, made by those before it. */
async function recordsFor(): Promise<readonly SQSRecord[]> {
  if (app === 'partner-ingest') {
    const recorded = readFileSync(partnerEvent, 'utf8');
    return Array.from({ length: DIFFERENT }, () => partnerRecord(recorded));
  }
  for (let index = 0; index < DIFFERENT; index += 1) await deliver(index);
  const events = queued();
  if (app === 'dead-letters') return events.map((event) => givenUp(event, 'events-dead.fifo'));
  if (app === 'ingest' || app === 'processor') return events;
  for (const event of events) await work('processor', [event]);
  return facts('aftercall.outcome.recorded');
}

const records = await recordsFor();
if (records.length < DIFFERENT) throw new Error(`there are ${records.length} messages for ${app}`);

async function invoke(index: number): Promise<void> {
  if (app === 'ingest') await deliver(index);
  else await work(app, records.slice(index % DIFFERENT, (index % DIFFERENT) + 1));
  forget();
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
const step = invocations / samples;
for (let done = 0; done < invocations; done += step) {
  const indexes = Array.from({ length: step }, (_, index) => done + index);
  await pMap(indexes, invoke, { concurrency: CONCURRENCY });
  found.push({ invocations: done + step, bytes: bytesInUse() });
}
print(JSON.stringify(found), () => process.exit());
