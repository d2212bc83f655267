import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import pc from 'picocolors';
import type { CommandContext, GlobalOptions } from './context.ts';
import { findStack } from './find-stack.ts';
import { runCommandLine } from './run-command-line.ts';

const REPOSITORY_ROOT = resolve(import.meta.dirname, '../../..');
const cwd = process.cwd();
const colors = pc.createColors(isColourful(process.stdout));
const errorColors = pc.createColors(isColourful(process.stderr));
const writeOut = (output: string): void => void process.stdout.write(output);
const writeErr = (output: string): void => void process.stderr.write(output);

// A reader such as `head` may leave before the end; that is its right.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

/** A pipe has no `isTTY` at all, and picocolors takes undefined as leave to guess from FORCE_COLOR and CI. */
function isColourful(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && !process.env['NO_COLOR'];
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** After cleaning up, a signal does what it always does: who waits for us must see that we were interrupted. */
function onExit(cleanUp: () => void): () => void {
  const interrupted = (signal: NodeJS.Signals): void => {
    cleanUp();
    forget();
    process.kill(process.pid, signal);
  };
  const forget = (): void => {
    process.off('exit', cleanUp);
    for (const signal of SIGNALS) process.off(signal, interrupted);
  };
  process.on('exit', cleanUp);
  for (const signal of SIGNALS) process.on(signal, interrupted);
  return forget;
}

function contextOf(options: GlobalOptions): CommandContext {
  return {
    options,
    cwd,
    colors,
    writeOut,
    streamOut: (texts) => pipeline(texts, process.stdout, { end: false }),
    writeErr,
    readStdin: () => text(process.stdin),
    now: () => new Date(),
    randomBytes: (count) => randomBytes(count),
    fetch,
    sleep: (millis) => sleep(millis),
    onExit,
    connect: async () => {
      const { connect } = await import('./connect.ts');
      return connect({ stage: options.stage, cwd, repositoryRoot: REPOSITORY_ROOT });
    },
  };
}

process.exitCode = await runCommandLine(process.argv.slice(2), {
  contextOf,
  colors: errorColors,
  writeOut,
  writeErr,
  stopDeps: {
    find: () => findStack(cwd, REPOSITORY_ROOT),
    kill: (pid, signal) => void process.kill(pid, signal),
  },
});
