import { execFile } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Stage } from './stage.ts';

const AFTERCALL = resolve(import.meta.dirname, '../../cli/bin/aftercall.mjs');

/** Runs the command line beside a stage: its exit code, and what `--json` prints. */
export async function aftercall(
  stage: Stage,
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly result: unknown; readonly error: string }> {
  const cwd = dirname(stage.stack.logsDirectory);
  const run = promisify(execFile)(process.execPath, [AFTERCALL, ...args, '--json'], { cwd });
  const { code, stdout, stderr } = await run.then(
    (done) => ({ code: 0, ...done }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
  return { code, result: stdout === '' ? undefined : (JSON.parse(stdout) as unknown), error: stderr };
}
