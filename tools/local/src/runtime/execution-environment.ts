import { Worker } from 'node:worker_threads';
import type { WorkerCall, WorkerInput, WorkerMessage } from './function-worker.ts';

/** What became of one invocation. `throttled`: the function is at its concurrency limit. */
export type InvokeResult =
  | { readonly outcome: 'returned'; readonly payload: string }
  | { readonly outcome: 'failed'; readonly errorType: string; readonly message: string }
  | { readonly outcome: 'throttled' }
  | { readonly outcome: 'too-large' };

export interface EnvironmentInput extends WorkerInput {
  readonly timeoutSeconds: number;
  /** All of it: nothing of this process's environment is passed on. */
  readonly variables: Readonly<Record<string, string>>;
  readonly onOutput: (text: string) => void;
}

/** One warm thread that runs one invocation at a time, as one Lambda execution environment does. */
export interface ExecutionEnvironment {
  /** Settles when the code is loaded. Never rejects. */
  readonly ready: Promise<InvokeResult & { readonly outcome: 'returned' | 'failed' }>;
  readonly invoke: (call: Omit<WorkerCall, 'deadlineMillis'>) => Promise<InvokeResult>;
  /** False once the thread is gone. */
  readonly isAlive: () => boolean;
  /** In use on its heap, garbage included; 0 once it is gone. */
  readonly heapBytes: () => Promise<number>;
  readonly terminate: () => Promise<void>;
}

/** Lambda's limit for loading a function. */
const INIT_TIMEOUT_MILLIS = 10_000;
/** Lambda's limit for what a function answers, as for what it is asked. */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;

type Settled = InvokeResult & { readonly outcome: 'returned' | 'failed' };

/** Starts a thread and loads the function in it. */
export function startEnvironment(input: EnvironmentInput): ExecutionEnvironment {
  const { bundle, exportName, functionName, memoryMegabytes } = input;
  const worker = new Worker(new URL('./function-worker.ts', import.meta.url), {
    workerData: { bundle, exportName, functionName, memoryMegabytes } satisfies WorkerInput,
    env: { ...input.variables },
    resourceLimits: { maxOldGenerationSizeMb: memoryMegabytes },
    execArgv: ['--no-warnings'],
  });
  let alive = true;
  let waiting: ((result: Settled) => void) | undefined;
  const settle = (result: Settled): void => {
    const resolve = waiting;
    waiting = undefined;
    resolve?.(result);
  };
  const fail = (errorType: string, message: string): void =>
    settle({ outcome: 'failed', errorType, message });
  const die = (errorType: string, message: string): void => {
    alive = false;
    fail(errorType, message);
  };
  const terminate = async (): Promise<void> => {
    die('Runtime.Terminated', 'the execution environment was stopped');
    await worker.terminate();
  };

  worker.on('message', (message: WorkerMessage) => {
    if (message.kind === 'output') return input.onOutput(message.text);
    if (message.kind === 'ready') return settle({ outcome: 'returned', payload: 'null' });
    if (message.kind === 'result') return settle(answer(message.payload));
    input.onOutput(
      `${JSON.stringify({ level: 50, msg: message.message, errorType: message.errorType, stack: message.stack })}\n`,
    );
    if (message.phase === 'init') void worker.terminate();
    return fail(message.errorType, message.message);
  });
  worker.on('error', (error: unknown) => {
    // A thread may throw anything; what the runtime throws has these.
    const { name = 'Error', message = String(error), code } = (error ?? {}) as Partial<NodeJS.ErrnoException>;
    const isMemory = code === 'ERR_WORKER_OUT_OF_MEMORY';
    input.onOutput(
      `${JSON.stringify({ level: 60, msg: message, errorType: isMemory ? 'Runtime.OutOfMemory' : name })}\n`,
    );
    die(isMemory ? 'Runtime.OutOfMemory' : name, message);
  });
  worker.on('exit', (code) => die('Runtime.ExitError', `the function's process ended with code ${code}`));

  /** Waits for the thread, which is ended when it takes too long: it may be in an endless loop. */
  const within = (millis: number, tooLong: string): Promise<Settled> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => {
        input.onOutput(`${JSON.stringify({ level: 50, msg: tooLong, errorType: 'Sandbox.Timedout' })}\n`);
        die('Sandbox.Timedout', tooLong);
        void worker.terminate();
      }, millis);
      waiting = (result) => {
        clearTimeout(timer);
        resolve(result);
      };
    });

  return {
    ready: within(INIT_TIMEOUT_MILLIS, `init timed out after ${INIT_TIMEOUT_MILLIS / 1000} seconds`),
    invoke: ({ requestId, event }) => {
      if (!alive)
        return Promise.resolve({
          outcome: 'failed',
          errorType: 'Runtime.ExitError',
          message: 'the execution environment is gone',
        });
      const millis = input.timeoutSeconds * 1000;
      const result = within(
        millis,
        `${requestId} Task timed out after ${input.timeoutSeconds.toFixed(2)} seconds`,
      );
      worker.postMessage({ requestId, event, deadlineMillis: Date.now() + millis } satisfies WorkerCall);
      return result;
    },
    isAlive: () => alive,
    heapBytes: async () => (alive ? (await worker.getHeapStatistics()).used_heap_size : 0),
    terminate,
  };
}

function answer(payload: string): Settled {
  if (Buffer.byteLength(payload) <= MAX_PAYLOAD_BYTES) return { outcome: 'returned', payload };
  return {
    outcome: 'failed',
    errorType: 'Function.ResponseSizeTooLarge',
    message: 'the response is larger than 6 MB',
  };
}
