import { CommanderError } from 'commander';
import { CliError, failure } from './cli-error.ts';
import type { ExitCode } from './cli-error.ts';
import type { CommandContext } from './context.ts';
import { exitCodeOf, runProgram } from './program.ts';
import type { ProgramDeps } from './program.ts';
import { unreachableCode } from './unreachable-code.ts';

export interface CommandLineDeps extends ProgramDeps {
  readonly colors: CommandContext['colors'];
}

/**
 * Runs one command line to its exit code. Whatever fails is one message on standard error; with `--json`, standard
 * output holds it as the one document too.
 */
export async function runCommandLine(args: readonly string[], deps: CommandLineDeps): Promise<ExitCode> {
  try {
    return await runProgram(args, deps);
  } catch (error) {
    if (error instanceof CommanderError) return wrongUsage(error, args, deps);
    return failed(error instanceof CliError ? error : understood(error), args, deps);
  }
}

function wrongUsage(error: CommanderError, args: readonly string[], deps: CommandLineDeps): ExitCode {
  const exitCode = exitCodeOf(error);
  if (exitCode !== 0) writeErrorDocument(error.message, undefined, args, deps);
  return exitCode;
}

function failed(
  { message, next, exitCode }: CliError,
  args: readonly string[],
  deps: CommandLineDeps,
): ExitCode {
  deps.writeErr(`${deps.colors.red('aftercall:')} ${message}\n${next === undefined ? '' : `  → ${next}\n`}`);
  writeErrorDocument(message, next, args, deps);
  return exitCode;
}

function writeErrorDocument(
  message: string,
  next: string | undefined,
  args: readonly string[],
  { writeOut }: CommandLineDeps,
): void {
  if (!args.includes('--json')) return;
  writeOut(`${JSON.stringify({ error: { message, ...(next !== undefined && { next }) } }, undefined, 2)}\n`);
}

const CREDENTIALS = ['CredentialsProviderError', 'ExpiredTokenException', 'UnrecognizedClientException'];

/** What the SDK and fetch throw, as a sentence. */
function understood(error: unknown): CliError {
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
  const code = unreachableCode(error);
  if (code !== undefined)
    return failure(`the stack does not answer (${code})`, 'is it still running? start it with `npm start`');
  if (CREDENTIALS.includes(name) || /credential/i.test(message))
    return failure(`AWS does not know you: ${message}`, 'log in, for instance with `aws sso login`');
  return failure(name === '' || name === 'Error' ? message : `${name}: ${message}`);
}
