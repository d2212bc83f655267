// `npm test`: every check of the repository, then one line a runner can read.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';

/**
 * Each must exit 0, those of a line at the same time. One ESLint and one compiler for all projects: one for each would
 * read the types of the same libraries thirty times. Tests come last: some of them run what `build` and `synth` made.
 */
const CHECKS = [
  [['compile', 'nx', ['run-many', '-t', 'compile']]],
  [
    ['format', 'prettier', ['--check', '--log-level=warn', '.']],
    ['lint', 'eslint', ['.']],
    ['types', 'tsc', ['-p', 'tools/tsconfig.json']],
  ],
  [['build', 'nx', ['run-many', '-t', 'build', 'package']]],
  [['synth', 'nx', ['run', 'infra:synth', '--stage=dev']]],
  [['test', 'nx', ['run-many', '-t', 'test']]],
  // Alone: whole stacks are late when the machine is busy.
  [['test end to end', 'nx', ['run-many', '-t', 'e2e']]],
];

/** @returns the name of the check if it failed */
async function run([name, command, args]) {
  console.log(`\n── ${name}`);
  const child = spawn(`node_modules/.bin/${command}`, args, {
    stdio: 'inherit',
    env: { ...process.env, NX_TUI: 'false', NX_DAEMON: 'false' },
  });
  const [status] = await once(child, 'exit');
  return status === 0 ? [] : [name];
}

/** Jest writes one result file a project; it also comes back from Nx's cache. */
function testCounts() {
  const files = globSync('{infra,{apps,libs,tools}/*}/test-results*.json');
  const results = files.map((file) => JSON.parse(readFileSync(file, 'utf8')));
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  return { passed: sum('numPassedTests'), failed: sum('numFailedTests') + sum('numRuntimeErrorTestSuites') };
}

const broken = [];
for (const line of CHECKS) broken.push(...(await Promise.all(line.map(run))).flat());
const tests = testCounts();
// A check that failed without a failing test to show for it still counts.
const untold = broken.filter((name) => !name.startsWith('test') || tests.failed === 0);
for (const name of broken) console.error(`failed: ${name}`);
console.log(`\n${tests.passed} passed, ${tests.failed + untold.length} failed`);
process.exitCode = broken.length + tests.failed > 0 ? 1 : 0;
