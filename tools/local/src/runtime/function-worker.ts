import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';

/** What the thread is started with. */
export interface WorkerInput {
  /** The bundle's file. */
  readonly bundle: string;
  /** The export that is called, e.g. `handler`. */
  readonly exportName: string;
  readonly functionName: string;
  readonly memoryMegabytes: number;
}

/** From the pool to the thread: one call. */
export interface WorkerCall {
  readonly requestId: string;
  readonly event: string;
  readonly deadlineMillis: number;
}

/** From the thread to the pool. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'result'; readonly payload: string }
  | {
      readonly kind: 'error';
      readonly phase: 'init' | 'invoke';
      readonly errorType: string;
      readonly message: string;
      readonly stack: string;
    }
  | { readonly kind: 'output'; readonly text: string };

const REGION = 'eu-west-1';
const port = parentPort;
if (!port) throw new Error('this file runs in a worker thread');
const input = workerData as WorkerInput;
const say = (message: WorkerMessage): void => port.postMessage(message);

captureOutput();
const handler = await load();
if (handler) {
  port.on('message', (call: WorkerCall) => void invoke(handler, call));
  say({ kind: 'ready' });
}

type LambdaHandler = (event: unknown, context: unknown) => unknown;

async function load(): Promise<LambdaHandler | undefined> {
  try {
    const loaded = (await import(pathToFileURL(input.bundle).href)) as Record<string, unknown>;
    const found = loaded[input.exportName];
    if (typeof found === 'function') return found as LambdaHandler;
    throw new Error(`${input.bundle} exports no function ${input.exportName}`);
  } catch (error) {
    fail('init', error);
    return undefined;
  }
}

async function invoke(call: LambdaHandler, { requestId, event, deadlineMillis }: WorkerCall): Promise<void> {
  try {
    const result = await call(JSON.parse(event), contextOf(requestId, deadlineMillis));
    say({ kind: 'result', payload: JSON.stringify(result) ?? 'null' });
  } catch (error) {
    fail('invoke', error);
  }
}

/** Of Lambda's context, what does not need AWS to make sense. */
function contextOf(awsRequestId: string, deadlineMillis: number) {
  return {
    awsRequestId,
    functionName: input.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:${REGION}:000000000000:function:${input.functionName}`,
    memoryLimitInMB: String(input.memoryMegabytes),
    logGroupName: `/aws/lambda/${input.functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadlineMillis - Date.now()),
  };
}

function fail(phase: 'init' | 'invoke', error: unknown): void {
  const known = error instanceof Error ? error : new Error(String(error));
  say({ kind: 'error', phase, errorType: known.name, message: known.message, stack: known.stack ?? '' });
}

/**
 * Sends what the function writes to its standard output and error to the pool. Loggers such as pino write
 * to file descriptor 1 themselves, which in a thread is the terminal of the whole process.
 */
function captureOutput(): void {
  const fs = createRequire(import.meta.url)('node:fs') as Record<
    'write' | 'writeSync',
    (...args: unknown[]) => unknown
  >;
  const { write, writeSync } = fs;
  const isOutput = (descriptor: unknown): boolean => descriptor === 1 || descriptor === 2;
  const emit = (data: unknown): number => {
    const text = typeof data === 'string' ? data : Buffer.from(data as Uint8Array).toString('utf8');
    say({ kind: 'output', text });
    return Buffer.byteLength(text);
  };
  fs.writeSync = (...args) => (isOutput(args[0]) ? emit(args[1]) : writeSync(...args));
  fs.write = (...args) => {
    if (!isOutput(args[0])) return write(...args);
    const bytes = emit(args[1]);
    const done = args.at(-1);
    if (typeof done === 'function') process.nextTick(done, null, bytes, args[1]);
    return undefined;
  };
  for (const stream of [process.stdout, process.stderr]) {
    stream.write = (data: string | Uint8Array, ...rest: unknown[]) => {
      emit(data);
      const done = rest.at(-1);
      if (typeof done === 'function') process.nextTick(done);
      return true;
    };
  }
}
