import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import pc from 'picocolors';
import { appsOf, appsToBuild, buildApps } from '@aftercall/local';
import { printReport } from './print-report.ts';
import { runDemo } from './run-demo.ts';
import type { DemoResult } from './run-demo.ts';
import { bars, lines, silence } from './show-progress.ts';
import type { Show } from './show-progress.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const INTERRUPTED = 130;
const USAGE = 2;
const MAX_SEED = 2 ** 32 - 1;

interface Options {
  readonly json?: true;
  readonly deliveries: number;
  readonly seed: number;
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const complain = (text: string): void => void process.stderr.write(`${text}\n`);

const command = new Command('npm run demo --')
  .description('Plays deliveries to a stack of its own, reads the tables back and says what became of them.')
  .option('--json', 'print one JSON document for machines and nothing else')
  .option('--deliveries <count>', 'how many', wholeNumber(1, 1_000_000), 2_000)
  .option('--seed <seed>', 'the same one sends the same deliveries', wholeNumber(0, MAX_SEED), 1)
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : USAGE))
  .parse();

const interruption = onSignals();
const options = command.opts<Options>();
const show = audienceOf(options);
try {
  const result = await main(options, show, interruption);
  show.end();
  tell(result, options);
  process.exitCode = result.report.ok ? 0 : 1;
} catch (error) {
  show.end();
  complain(interruption.aborted ? 'stopped' : `${pc.red('the demo did not run')}: ${messageOf(error)}`);
  process.exitCode = interruption.aborted ? INTERRUPTED : 1;
}

async function main({ deliveries, seed }: Options, audience: Show, signal: AbortSignal): Promise<DemoResult> {
  const outdated = appsToBuild(ROOT, appsOf(ROOT));
  if (outdated.length > 0) {
    audience.note(`building ${outdated.join(', ')}`);
    const built = await buildApps(ROOT, outdated);
    if (built.outcome === 'failed') throw new Error(`the build failed\n${built.output}`);
  }
  signal.throwIfAborted();
  return runDemo({ deliveries, seed, signal, audience });
}

function audienceOf({ json }: Options): Show {
  if (json) return silence();
  return process.stdout.isTTY ? bars(process.stdout) : lines(say);
}

function tell({ report, logsDirectory }: DemoResult, { json }: Options): void {
  if (json) return say(JSON.stringify(report, undefined, 2));
  say(printReport(report));
  if (logsDirectory !== undefined) say(`  The logs of the functions are in ${logsDirectory}`);
  say('');
  say(`  Next: ${pc.cyan('npm start')} keeps a stack running, and says how to send to it with curl;`);
  say(
    `        ${pc.cyan('npx aftercall send libs/schemas/src/fixtures/analytics-webhook/single.json')} sends a file.`,
  );
}

/** The first signal stops in order, the second one at once. */
function onSignals(): AbortSignal {
  const interrupting = new AbortController();
  const onSignal = (): void => {
    if (interrupting.signal.aborted) process.exit(INTERRUPTED);
    interrupting.abort(new Error('interrupted'));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return interrupting.signal;
}

function wholeNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isInteger(value) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`a whole number from ${low} to ${high} is wanted`);
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
