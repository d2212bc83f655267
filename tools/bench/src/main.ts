import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { acknowledgement } from './acknowledgement.ts';
import { backfillPacing } from './backfill-pacing.ts';
import type { Benchmark, Result } from './benchmark.ts';
import { buildApps } from './bundle.ts';
import { coldStart } from './cold-start.ts';
import { growth } from './growth.ts';
import { ingestCpu } from './ingest-cpu.ts';
import { ingestInit } from './ingest-init.ts';
import { lakeEncode } from './lake-encode.ts';
import { lakeInit } from './lake-init.ts';
import { lakeMerge } from './lake-merge.ts';
import { describeRun } from './machine.ts';
import { memoryGrowth } from './memory-growth.ts';
import { peakMemory } from './peak-memory.ts';
import { pipeline } from './pipeline.ts';
import { processing } from './processing.ts';
import { processorCpu } from './processor-cpu.ts';
import { redaction } from './redaction.ts';
import { markdownTable, terminalTable, withTable } from './report.ts';
import { repository } from './repository.ts';
import { rotation } from './rotation.ts';
import { type Row, type Verdict, verdictOf } from './row.ts';
import { scale } from './scale.ts';
import { soak } from './soak.ts';
import { transcripts } from './transcripts.ts';
import { worstDay } from './worst-day.ts';

const BENCHMARKS: readonly Benchmark[] = [
  ingestInit,
  coldStart,
  acknowledgement,
  ingestCpu,
  processorCpu,
  processing,
  memoryGrowth,
  peakMemory,
  growth,
  lakeInit,
  lakeEncode,
  lakeMerge,
  pipeline,
  scale,
  backfillPacing,
  redaction,
  transcripts,
  worstDay,
];
/** Of what is promised, not of how fast it is: by name only. */
const PROOFS: readonly Benchmark[] = [rotation, soak];
const ALL = [...BENCHMARKS, ...PROOFS];
const DOCUMENT = join(repository, 'docs/performance.md');

function chosen(): readonly Benchmark[] | undefined {
  const { values } = parseArgs({ options: { only: { type: 'string' } } });
  if (values.only === undefined) return BENCHMARKS;
  const only = ALL.filter(({ name }) => name === values.only);
  return only.length > 0 ? only : undefined;
}

async function measure(benchmarks: readonly Benchmark[]): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const { name, run } of benchmarks) {
    console.error(`measuring ${name} …`);
    const { rows: found, listing = [] } = await run().catch((error: unknown) => unmeasured(name, error));
    for (const line of listing) console.log(line);
    rows.push(...found);
  }
  return rows;
}

/** The others say what they say all the same. */
function unmeasured(benchmark: string, error: unknown): Result {
  console.error(error);
  return { rows: [{ benchmark, measure: 'the whole', value: NaN, unit: '' }] };
}

/** The document holds one whole run, so that its rows can be compared. */
async function writeDocument(rows: readonly Row[], run: string): Promise<void> {
  const text = withTable(readFileSync(DOCUMENT, 'utf8'), markdownTable(rows, run));
  const style = await resolveConfig(DOCUMENT);
  writeFileSync(DOCUMENT, await format(text, { ...style, parser: 'markdown' }));
}

const benchmarks = chosen();
if (!benchmarks) {
  console.error(`--only takes one of: ${ALL.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const run = describeRun(new Date());
buildApps();
const rows = await measure(benchmarks);
console.log(terminalTable(rows));
console.log(run);
if (benchmarks === BENCHMARKS) await writeDocument(rows, run);
const failures: readonly Verdict[] = ['over', 'not measured'];
process.exitCode = rows.some((row) => failures.includes(verdictOf(row))) ? 1 : 0;
