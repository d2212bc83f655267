import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pc from 'picocolors';
import { connect } from './connect.ts';
import { findStack } from './find-stack.ts';
import { runCommandLine } from './run-command-line.ts';

/** What a command line came to; `document` reads its standard output as JSON. */
export interface Ran {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
  readonly document: () => Record<string, unknown>;
}

/** Runs command lines in this process, in a directory, as somebody would who redirects all output. */
export function commandLineIn(directory: string): (...args: readonly string[]) => Promise<Ran> {
  return async (...args) => {
    let out = '';
    let err = '';
    const colors = pc.createColors(false);
    const writeOut = (text: string) => void (out += text);
    const writeErr = (text: string) => void (err += text);
    const find = () => findStack(directory, directory);
    const exitCode = await runCommandLine(args, {
      colors,
      writeOut,
      writeErr,
      stopDeps: { find, kill: () => undefined },
      contextOf: (options) => ({
        options,
        cwd: directory,
        colors,
        writeOut,
        streamOut: async (texts) => {
          for await (const text of texts) writeOut(text);
        },
        writeErr,
        readStdin: async () => '',
        now: () => new Date(),
        randomBytes: (count) => randomBytes(count),
        fetch,
        sleep: (millis) => sleep(millis),
        onExit: () => () => undefined,
        connect: () => connect({ stage: options.stage, cwd: directory, repositoryRoot: directory }),
      }),
    });
    return { exitCode, out, err, document: () => JSON.parse(out) as Record<string, unknown> };
  };
}
