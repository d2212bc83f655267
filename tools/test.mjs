// `npm test`: every check of the repository, then one line a runner can read.
import { spawn, spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';

/** Each must exit 0. Tests come last: some of them run what `build` and `synth` made. */
const CHECKS = [
  ['format', 'prettier', ['--check', '--log-level=warn', '.']],
  ['lint and types', 'nx', ['run-many', '-t', 'lint', 'typecheck']],
  ['build', 'nx', ['run-many', '-t', 'build', 'package']],
  ['synth', 'nx', ['run', 'infra:synth', '--stage=dev']],
];

const TESTS = ['test', 'nx', ['run-many', '-t', 'test']];
/** Beside the others: on whole stacks tests run one after the other, and mostly wait. */
const END_TO_END = ['test end to end', 'nx', ['run-many', '-t', 'e2e']];

const env = { ...process.env, NX_TUI: 'false', NX_DAEMON: 'false' };
const executable = (command) => `node_modules/.bin/${command}`;

function check([name, command, args]) {
  console.log(`\n── ${name}`);
  const { status } = spawnSync(executable(command), args, { stdio: 'inherit', env });
  return status === 0 ? [] : [name];
}

/** @param output `late`: says it all at its end, so that nobody has to tell the lines of two apart */
async function test([name, command, args], output) {
  const stdio = ['ignore', ...(output === 'late' ? ['pipe', 'pipe'] : ['inherit', 'inherit'])];
  const running = spawn(executable(command), args, { env, stdio });
  const said = [];
  for (const stream of [running.stdout, running.stderr]) stream?.on('data', (chunk) => said.push(chunk));
  if (output !== 'late') console.log(`\n── ${name}`);
  const status = await new Promise((resolve) => running.on('close', resolve));
  if (output === 'late') process.stdout.write(`\n── ${name}\n${Buffer.concat(said)}`);
  return status === 0 ? [] : [name];
}

/** Jest writes one result file a project; it also comes back from Nx's cache. */
function testCounts() {
  const files = globSync('{infra,{apps,libs,tools}/*}/test-results*.json');
  const results = files.map((file) => JSON.parse(readFileSync(file, 'utf8')));
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  return { passed: sum('numPassedTests'), failed: sum('numFailedTests') + sum('numRuntimeErrorTestSuites') };
}

const untested = CHECKS.flatMap(check);
const broken = [untested, ...(await Promise.all([test(TESTS, 'at once'), test(END_TO_END, 'late')]))].flat();
const tests = testCounts();
// A check that failed without a failing test to show for it still counts.
const untold = broken.filter((name) => !name.startsWith('test') || tests.failed === 0);
for (const name of broken) console.error(`failed: ${name}`);
console.log(`\n${tests.passed} passed, ${tests.failed + untold.length} failed`);
process.exitCode = broken.length + tests.failed > 0 ? 1 : 0;
