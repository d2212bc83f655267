import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import type { CpuShare } from './cpu-share.ts';
import type { Answers, Order } from './function-process.ts';

/** A function in a process of its own. */
export interface FunctionHost {
  load(bundle: string): Promise<Answers['load']>;
  invoke(event: object): Promise<Answers['invoke']>;
  serve(): Promise<Answers['serve']>;
  usage(): Promise<Answers['usage']>;
  /** Resolves when the process has ended. */
  stop(): Promise<void>;
}

export interface HostOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** The part of a core that it gets from before it loads anything. */
  readonly share?: CpuShare;
  /** What Lambda would give it. Default: as much as it likes, and a minute. */
  readonly limits?: FunctionLimits;
}

/** What a function is given in Lambda. */
export interface FunctionLimits {
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
}

let script: Promise<string> | undefined;
/** Bundled, so that no process spends time on stripping types. */
const hostScript = () =>
  (script ??= bundle('function', { process: 'tools/bench/src/function-process.ts' }).then((folder) =>
    join(folder, 'process.mjs'),
  ));

/** Starts a process that has nothing of the function yet. */
export async function startHost({ environment, share, limits }: HostOptions): Promise<FunctionHost> {
  const child = fork(await hostScript(), limits ? [String(limits.timeoutSeconds)] : [], {
    env: { ...environment },
    execArgv: limits ? heapLimits(limits) : [],
    // What a function writes is its log; why it fails comes back as the answer.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  await answerOf(child);
  if (share && child.pid !== undefined) share.take(child.pid);
  const ask = async <Kind extends Order['kind']>(order: Order & { readonly kind: Kind }) => {
    child.send(order);
    return (await answerOf(child)) as Answers[Kind];
  };
  return {
    load: (file) => ask({ kind: 'load', bundle: file }),
    invoke: (event) => ask({ kind: 'invoke', event: JSON.stringify(event) }),
    serve: () => ask({ kind: 'serve' }),
    usage: () => ask({ kind: 'usage' }),
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    },
  };
}

/** As Lambda's runtime starts Node: a tenth of the memory for what is new, the rest for what stays. */
function heapLimits({ memoryMegabytes }: FunctionLimits): string[] {
  const newSpace = Math.floor(memoryMegabytes / 10);
  return [
    `--max-semi-space-size=${Math.floor(newSpace / 2)}`,
    `--max-old-space-size=${memoryMegabytes - newSpace}`,
  ];
}

/** @throws Error with the function's own words, or when there will be no answer because the process has ended */
async function answerOf(child: ChildProcess): Promise<unknown> {
  const answered = new AbortController();
  const { signal } = answered;
  const exited = once(child, 'exit', { signal }).then(([code]) =>
    Promise.reject(new Error(`the function's process ended with ${String(code)}`)),
  );
  try {
    const [message] = (await Promise.race([once(child, 'message', { signal }), exited])) as [
      { readonly value?: unknown; readonly error?: string },
    ];
    if (message.error !== undefined) throw new Error(message.error);
    return message.value;
  } finally {
    // The one that did not happen is not waited for any more, and says so.
    exited.catch(() => undefined);
    answered.abort();
  }
}
