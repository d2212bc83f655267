import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stack, type StackOptions, startStack } from '@aftercall/local';
import { createClients, type StackClients } from './stack-clients.ts';

type OwnStackOptions = Omit<StackOptions, 'directory'>;

/** A local stack in a temporary directory, and the SDK at its endpoints. */
export interface OwnStack {
  readonly stack: Stack;
  readonly clients: StackClients;
  /** Where the command line finds the stack. */
  readonly directory: string;
  /** Leaves nothing behind. */
  readonly stop: () => Promise<void>;
}

/** Starts a stack that the caller has to stop. */
export async function startOwnStack(options: OwnStackOptions): Promise<OwnStack> {
  const directory = await mkdtemp(join(tmpdir(), 'aftercall-bench-'));
  const stack = await startStack({ ...options, directory });
  const clients = createClients(stack.local.aws);
  return {
    ...{ stack, clients, directory },
    stop: async () => {
      clients.destroy();
      await stack.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Measures on a stack of its own, which is gone afterwards. */
export async function onLocalStack<T>(
  measure: (own: OwnStack) => Promise<T>,
  options: OwnStackOptions = {},
): Promise<T> {
  const own = await startOwnStack(options);
  try {
    return await measure(own);
  } finally {
    await own.stop();
  }
}
