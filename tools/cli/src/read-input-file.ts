import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { usage } from './cli-error.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EISDIR: 'is a directory, a file is wanted',
  EACCES: 'may not be read by you',
};

/**
 * The exact bytes of a file that the user named.
 *
 * @throws CliError naming the file and what is wrong with it
 */
export async function readInputFile(file: string, cwd: string): Promise<Uint8Array> {
  try {
    return await readFile(resolve(cwd, file));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const reason = REASONS[code] ?? `cannot be read (${code || String(error)})`;
    throw usage(`${file} ${reason}`, `give a path relative to ${cwd}`);
  }
}
