#!/usr/bin/env node
// The root `bin`, plain JavaScript for any Node from 20 on: `npx aftercall` may be the first command of a fresh clone.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { install } from '../../install.mjs';

/** Strips types by itself and is what the functions run on. */
const WANTED_MAJOR = 24;
const FORWARDED_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

install();
if (Number(process.versions.node.split('.')[0]) >= WANTED_MAJOR) await import('../src/main.ts');
else runAgain();

/** The same command on the repository's own Node; its end, by code or by signal, becomes ours. */
function runAgain() {
  const node = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url));
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of FORWARDED_SIGNALS) process.on(signal, () => child.kill(signal));
  child.once('error', (error) => {
    console.error(`aftercall: Node ${WANTED_MAJOR} could not be started (${error.message}): run \`npm ci\``);
    process.exitCode = 1;
  });
  child.once('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code ?? 1;
      return;
    }
    for (const forwarded of FORWARDED_SIGNALS) process.removeAllListeners(forwarded);
    process.kill(process.pid, signal);
  });
}
