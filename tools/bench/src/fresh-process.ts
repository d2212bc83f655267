import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/**
 * Runs a script in a Node of its own, with nothing of our environment, and answers what it prints as JSON.
 *
 * @throws Error with the script's own words when it fails
 */
export async function freshProcess(
  script: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<unknown> {
  const { stdout } = await execute(process.execPath, [script, ...args], { env: { ...environment } }).catch(
    (error: { stderr?: string }) =>
      Promise.reject(new Error(`${script} failed:\n${readable(error.stderr ?? '')}`)),
  );
  return JSON.parse(stdout);
}

/** Node quotes the line that threw; in a minified bundle that is most of the file. */
const readable = (text: string): string =>
  text
    .split('\n')
    .filter(({ length }) => length < 500)
    .join('\n');
