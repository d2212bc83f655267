import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, 'main.ts');

test.each([
  [['--port', 'eighty'], 'a number from 0 to 65535 is wanted'],
  [['--port', '65536'], 'a number from 0 to 65535 is wanted'],
  [['--prot', '1'], "unknown option '--prot'"],
])('%j is refused before anything is built', (args, message) => {
  const { status, stderr } = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
  expect(stderr).toContain(message);
  expect(status).toBe(1);
});
