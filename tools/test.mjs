// `npm test`: every check of the repository, then one line a runner can read.
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';

/** Each must exit 0. Tests come last: some of them run what `build` and `synth` made. */
const CHECKS = [
  ['format', 'prettier', ['--check', '--log-level=warn', '.']],
  ['lint and types', 'nx', ['run-many', '-t', 'lint', 'typecheck']],
  ['build', 'nx', ['run-many', '-t', 'build', 'package']],
  ['synth', 'nx', ['run', 'infra:synth', '--stage=dev']],
  ['test', 'nx', ['run-many', '-t', 'test']],
  // Alone: whole stacks are late when the machine is busy.
  ['test end to end', 'nx', ['run-many', '-t', 'e2e']],
];

function run([name, command, args]) {
  console.log(`\n── ${name}`);
  const { status } = spawnSync(`node_modules/.bin/${command}`, args, {
    stdio: 'inherit',
    env: { ...process.env, NX_TUI: 'false', NX_DAEMON: 'false' },
  });
  return status === 0 ? [] : [name];
}

/** Jest writes one result file a project; it also comes back from Nx's cache. */
function testCounts() {
  const files = globSync('{infra,{apps,libs,tools}/*}/test-results*.json');
  const results = files.map((file) => JSON.parse(readFileSync(file, 'utf8')));
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  return { passed: sum('numPassedTests'), failed: sum('numFailedTests') + sum('numRuntimeErrorTestSuites') };
}

const broken = CHECKS.flatMap(run);
const tests = testCounts();
// A check that failed without a failing test to show for it still counts.
const untold = broken.filter((name) => !name.startsWith('test') || tests.failed === 0);
for (const name of broken) console.error(`failed: ${name}`);
console.log(`\n${tests.passed} passed, ${tests.failed + untold.length} failed`);
process.exitCode = broken.length + tests.failed > 0 ? 1 : 0;
