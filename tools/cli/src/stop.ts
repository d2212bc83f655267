import { failure } from './cli-error.ts';
import type { ExitCode } from './cli-error.ts';
import { say } from './context.ts';
import type { CommandContext } from './context.ts';
import type { FoundStack } from './find-stack.ts';

export interface StopDeps {
  readonly find: () => Promise<FoundStack | undefined>;
  /** Sends SIGTERM. */
  readonly kill: (pid: number, signal: 'SIGTERM') => void;
}

const ANSWER_TIMEOUT_MILLIS = 3_000;
/** Batches under way may finish first. */
const GONE_TIMEOUT_MILLIS = 20_000;
const POLL_MILLIS = 100;

/** Stops the stack that runs here and waits until it is gone. Nothing to stop is success. */
export async function stop(context: CommandContext, deps: StopDeps): Promise<ExitCode> {
  const stack = await deps.find();
  if (stack === undefined) return tell(context, { status: 'not-running' }, 'no stack is running here');
  const { pid } = stack.local;
  if (context.options.dryRun)
    return tell(context, { status: 'would-stop', pid }, `would stop the stack of pid ${pid}`);

  const asked = await askToStop(stack, context);
  if (asked === 'refused') {
    // Nothing listens there any more. The pid may be another program's by now: it is left alone.
    const status = `the stack of pid ${pid} is gone already; it left its local.json in ${stack.directory}/.aftercall`;
    return tell(context, { status: 'not-running', pid }, status);
  }
  if (asked === 'hangs') deps.kill(pid, 'SIGTERM');
  await untilGone(stack, context, deps);
  return tell(context, { status: 'stopped', pid }, `stopped the stack of pid ${pid}`);
}

function tell(context: CommandContext, document: object, sentence: string): ExitCode {
  say(context, document, () => sentence);
  return 0;
}

async function askToStop(
  { local }: FoundStack,
  { fetch }: CommandContext,
): Promise<'asked' | 'refused' | 'hangs'> {
  try {
    const response = await fetch(`${local.control}/stop`, {
      method: 'POST',
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MILLIS),
    });
    const { pid } = (await response.json()) as { pid?: number };
    return pid === local.pid ? 'asked' : 'refused';
  } catch (error) {
    return error instanceof Error && error.name === 'TimeoutError' ? 'hangs' : 'refused';
  }
}

async function untilGone(stack: FoundStack, context: CommandContext, deps: StopDeps): Promise<void> {
  const { pid, control } = stack.local;
  for (let waited = 0; waited < GONE_TIMEOUT_MILLIS; waited += POLL_MILLIS) {
    const found = await deps.find();
    if (found?.local.control !== control) return;
    await context.sleep(POLL_MILLIS);
  }
  throw failure(`the stack of pid ${pid} does not stop`, `end it with \`kill -9 ${pid}\``);
}
