import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stack, startStack } from '@aftercall/local';
import { createClients, type StackClients } from './stack-clients.ts';

/** Measures on a stack of its own, which is gone afterwards. */
export async function onLocalStack<T>(
  measure: (stack: Stack, clients: StackClients) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'aftercall-bench-'));
  const stack = await startStack({ directory });
  const clients = createClients(stack.local.aws);
  try {
    return await measure(stack, clients);
  } finally {
    clients.destroy();
    await stack.stop();
    await rm(directory, { recursive: true, force: true });
  }
}
