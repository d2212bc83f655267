import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { type Cell, faultMatrix, referenceRun } from './fault-matrix.ts';
import { type Hunt, huntMutant } from './hunt-mutant.ts';
import { MUTANTS } from './mutants.ts';
import { OUTAGES, type OutageResult, runOutage, undisturbed } from './outages.ts';
import { failuresOf, type Report, terminalReport, withReport } from './report.ts';
import { type RetryResult, retriesOfSenders } from './retries.ts';
import { runSchedules } from './run-schedules.ts';
import type { Suite } from './run-stage.ts';
import { SCENARIOS } from './scenarios.ts';
import { buildSuite } from './suite.ts';

const DOCUMENT = resolve(import.meta.dirname, '../../../../docs/reliability.md');

const PARTS = ['matrix', 'schedules', 'outages', 'retries', 'mutants'] as const;
type Part = (typeof PARTS)[number];

interface Options {
  readonly parts: readonly Part[];
  readonly schedules: number;
  readonly seed: number;
  /** A part of the matrix, a lighter load in outages; the document is left as it is. */
  readonly isShort: boolean;
}

const USAGE = `npm run test:faults -- [--schedules N] [--seed S] [--only ${PARTS.join('|')}] [--short]`;

/** @returns undefined when the command line makes no sense */
function options(): Options | undefined {
  const { values } = parseArgs({
    options: {
      schedules: { type: 'string', default: '10000' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string' },
      short: { type: 'boolean', default: false },
    },
  });
  const [schedules, seed] = [Number(values.schedules), Number(values.seed)];
  const parts = values.only === undefined ? PARTS : PARTS.filter((part) => part === values.only);
  const areNumbers = Number.isInteger(schedules) && Number.isInteger(seed) && schedules >= 0 && seed >= 0;
  return parts.length > 0 && areNumbers ? { parts, schedules, seed, isShort: values.short } : undefined;
}

/** A prime, so that a short round has every kind of fault in it. */
const SHORT_EVERY = 11;

async function matrix(suite: Suite, isShort: boolean): Promise<readonly Cell[]> {
  const part = isShort ? { every: SHORT_EVERY } : {};
  const cells: Cell[] = [];
  for (const scenario of SCENARIOS) {
    console.error(`breaking every call of ${scenario.name} …`);
    const reference = await referenceRun(suite, scenario);
    for await (const cell of faultMatrix(suite, scenario, reference, part)) cells.push(cell);
  }
  return cells;
}

async function outages(suite: Suite, isShort: boolean): Promise<readonly OutageResult[]> {
  const load = { secondsBetweenDeliveries: isShort ? 60 : 4 };
  const reference = await undisturbed(suite, load);
  const results: OutageResult[] = [];
  for (const outage of OUTAGES) {
    console.error(`${outage.service} ${outage.weather.kind} for half an hour …`);
    results.push(await runOutage(suite, { ...outage, ...load }, reference));
  }
  return results;
}

async function retries(suite: Suite): Promise<readonly RetryResult[]> {
  const results: RetryResult[] = [];
  for await (const result of retriesOfSenders(suite)) results.push(result);
  return results;
}

async function hunts(suite: Suite): Promise<readonly Hunt[]> {
  const results: Hunt[] = [];
  for (const mutant of MUTANTS) {
    console.error(`does anybody notice that ${mutant.name}? …`);
    results.push(await huntMutant(suite, mutant));
  }
  return results;
}

async function run({ parts, schedules, seed, isShort }: Options): Promise<Report> {
  const suite = await buildSuite();
  const has = (part: Part) => parts.includes(part);
  return {
    matrix: has('matrix') ? await matrix(suite, isShort) : [],
    retries: has('retries') ? await retries(suite) : [],
    outages: has('outages') ? await outages(suite, isShort) : [],
    hunts: has('mutants') ? await hunts(suite) : [],
    schedules: { seed, ...(await runSchedules(seed, has('schedules') ? schedules : 0, tell)) },
  };
}

const TELL_EVERY = 500;
function tell(run: number): void {
  if (run % TELL_EVERY === 0) console.error(`${run} random schedules …`);
}

/** The document holds one whole run. */
async function record(report: Report): Promise<void> {
  const document = withReport(readFileSync(DOCUMENT, 'utf8'), report);
  const style = await resolveConfig(DOCUMENT);
  writeFileSync(DOCUMENT, await format(document, { ...style, filepath: DOCUMENT }));
}

const chosen = options();
if (!chosen) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  const report = await run(chosen);
  console.log(terminalReport(report));
  const failures = failuresOf(report);
  for (const failure of failures) console.error(`WRONG: ${failure}`);
  if (chosen.parts.length === PARTS.length && !chosen.isShort) await record(report);
  process.exitCode = failures.length > 0 ? 1 : 0;
}
