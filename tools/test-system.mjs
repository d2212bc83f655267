// `npm run test:system`: the tests that need a Debian package. A missing one fails its test, which says what to install.
import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const jest = resolve('node_modules/.bin/jest');
const NODE_OPTIONS = '--experimental-vm-modules --no-warnings';

function run(config) {
  const cwd = dirname(config);
  const report = resolve('dist/test-system', cwd.replaceAll('/', '-') + '.json');
  const args = ['-c', 'jest.system.config.js', '--json', `--outputFile=${report}`];
  const { status } = spawnSync(jest, args, { cwd, stdio: 'inherit', env: { ...process.env, NODE_OPTIONS } });
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  const failed = numFailedTests + numRuntimeErrorTestSuites;
  return { passed: numPassedTests, failed: status === 0 ? failed : Math.max(1, failed) };
}

mkdirSync('dist/test-system', { recursive: true });
const results = globSync('{apps,libs,tools}/*/jest.system.config.js').map(run);
const sum = (key) => results.reduce((total, result) => total + result[key], 0);
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
process.exitCode = results.length > 0 && sum('failed') === 0 ? 0 : 1;
