import { beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { MUTANTS } from './mutants.ts';

const REPOSITORY = resolve(import.meta.dirname, '../../../..');
/** As long as everything together may take on two busy cores. */
const TIMEOUT_MILLIS = 10 * 60_000;
const SCHEDULES = 200;

/** As a person runs it, for a shorter time: in virtual time nothing may wait for a test runner's own. */
const run = (...args: readonly string[]) =>
  spawnSync(process.execPath, ['src/faults/main.ts', ...args], {
    cwd: join(REPOSITORY, 'tools/e2e'),
    encoding: 'utf8',
    timeout: TIMEOUT_MILLIS,
  });

describe('a short round of the fault suite', () => {
  let round: ReturnType<typeof run>;
  beforeAll(() => {
    round = run('--short', '--schedules', String(SCHEDULES));
  }, TIMEOUT_MILLIS);

  test('finds nothing lost, doubled or late, and every mutant', () => {
    const wrong = round.stderr.split('\n').filter((line) => line.startsWith('WRONG'));
    expect({ wrong, status: round.status }).toEqual({ wrong: [], status: 0 });
  });

  test('has broken calls of every scenario, run its schedules and hunted every mutant', () => {
    expect(round.stdout).toContain('stored delivery');
    expect(round.stdout).toContain(`1 to ${SCHEDULES}`);
    for (const { name } of MUTANTS) expect(round.stdout).toContain(name);
  });
});

test('a schedule can be run again by its seed, and nothing is run when the command line makes no sense', () => {
  const again = () => run('--short', '--only', 'schedules', '--seed', '7', '--schedules', '1');
  const [first, second] = [again(), again()];
  expect(first.status).toBe(0);
  expect(second.stdout).toBe(first.stdout);
  expect(run('--only', 'everything').status).toBe(2);
  expect(run('--seed', 'x').status).toBe(2);
});
