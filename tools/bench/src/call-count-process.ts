// Invokes the built functions once each, warm, and prints which calls they made.
import { calls } from './answer-aws-in-memory.ts';
import type { CallsPerInvocation } from './calls-per-invocation.ts';
import { loadFunctions } from './functions-in-memory.ts';

const BATCH = 10;
const print = process.stdout.write.bind(process.stdout);
process.stdout.write = () => true;

const { deliver, queued, work } = await loadFunctions(process.argv[2] ?? '');
await deliver(0);
await work('processor', queued());

async function callsOf(invoke: () => Promise<void>): Promise<Readonly<Record<string, number>>> {
  calls.clear();
  await invoke();
  return Object.fromEntries([...calls].sort());
}

const ingestOne = await callsOf(() => deliver(1));
const one = queued();
const ingestTen = await callsOf(() => deliver(2, BATCH));
const ten = queued();
const counted: CallsPerInvocation = {
  'ingest: one outcome': ingestOne,
  'ingest: ten outcomes in a delivery': ingestTen,
  'processor: one outcome': await callsOf(() => work('processor', one)),
  'processor: ten outcomes of ten conversations': await callsOf(() => work('processor', ten)),
};
print(JSON.stringify(counted), () => process.exit());
