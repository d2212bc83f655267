import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandContext } from './context.ts';

/** Gives `work` a folder that nobody else can read, and removes it whatever happens: success, an error or a signal. */
export async function inTemporaryFolder<T>(
  { onExit }: Pick<CommandContext, 'onExit'>,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'aftercall-lake-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const forget = onExit(remove);
  try {
    return await work(folder);
  } finally {
    remove();
    forget();
  }
}
