import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COUNTED } from '@aftercall/cli';
import { expect, test } from '@jest/globals';
import { BARE_ENVIRONMENT } from './bare-environment.ts';
import { bundle } from './bundle.ts';
import type { CallsPerInvocation } from './calls-per-invocation.ts';
import { overBudget } from './code-budget.ts';
import { codePartsAtInit, type Parts } from './code-parts.ts';
import { freshProcess } from './fresh-process.ts';
import { importRatio } from './import-ratio.ts';
import { measureGrowth } from './memory-growth.ts';
import { repository } from './repository.ts';

const TIMEOUT_MILLIS = 120_000;
/** Fresh processes of each; the median of so many ratios is steady even where other work goes on. */
const PROCESSES = 7;
/** Measured is 0.7; a machine that is busy adds as much again. */
const MAX_IMPORT_RATIO = 1.3;

const budgets = JSON.parse(readFileSync(new URL('code-budgets.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, Parts>
>;

test.each(readdirSync(join(repository, 'apps')))('%s loads at init what its budget allows', async (app) => {
  expect(overBudget(app, budgets[app], await codePartsAtInit(app))).toBeUndefined();
});

test(
  'an outcome costs exactly so many AWS calls',
  async () => {
    const said: CallsPerInvocation = {
      'ingest: one outcome': COUNTED.calls['ingest: one outcome'],
      'ingest: ten outcomes in a delivery': COUNTED.calls['ingest: ten outcomes in a delivery'],
      'processor: one outcome': COUNTED.calls['processor: one outcome'],
      'processor: ten outcomes of ten conversations':
        COUNTED.calls['processor: ten outcomes of ten conversations'],
    };
    const folder = await bundle('call-count', { process: 'tools/bench/src/call-count-process.ts' });
    const apps = join(repository, 'dist/apps');
    await expect(freshProcess(join(folder, 'process.mjs'), [apps], BARE_ENVIRONMENT)).resolves.toEqual(said);
  },
  TIMEOUT_MILLIS,
);

test(
  'ingest is imported about as fast as the bare SDK clients that it does without',
  async () => {
    expect(await importRatio(PROCESSES)).toBeLessThanOrEqual(MAX_IMPORT_RATIO);
  },
  TIMEOUT_MILLIS,
);

/** Less than an object for each invocation; the benchmark `memory-growth` looks more closely, for longer. */
const MAX_KB_KEPT = 10;

test.each([
  ['ingest', 2_000],
  ['processor', 2_000],
] as const)(
  '%s keeps nothing of an invocation in memory',
  async (app, invocations) => {
    const { perStep, error } = await measureGrowth({ app, invocations });
    // What the error leaves open is no leak that could be named.
    expect(perStep - 3 * error).toBeLessThanOrEqual(MAX_KB_KEPT);
  },
  TIMEOUT_MILLIS,
);
