import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** One line of a function's log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** The newest lines are the ones that matter. */
const MAX_LINES = 200;

/** The lines of the running stack's functions that a text occurs in, oldest first. Metrics are left out. */
export async function logLinesAbout(text: string, stackDirectory: string): Promise<readonly LogLine[]> {
  const directory = join(stackDirectory, '.aftercall', 'logs');
  const files = (await namesIn(directory)).filter((name) => name.endsWith('.ndjson'));
  const lines = await Promise.all(files.map((name) => linesAbout(text, join(directory, name))));
  return lines
    .flat()
    .sort((left, right) => String(left['time']).localeCompare(String(right['time'])))
    .slice(-MAX_LINES);
}

const LATELY_MILLIS = 10 * 60_000;
const MAX_ERRORS = 5;
/** pino writes a level as a word or as a number. */
const ERROR_LEVELS: readonly unknown[] = ['error', 'fatal', 50, 60];

/** The newest errors of the functions, whatever they are about: a function that cannot start names no event. */
export async function errorsLately(stackDirectory: string, now: Date): Promise<readonly LogLine[]> {
  const errors = (await logLinesAbout('', stackDirectory)).filter(
    ({ level, time }) =>
      ERROR_LEVELS.includes(level) &&
      now.getTime() - new Date(time as string | number).getTime() <= LATELY_MILLIS,
  );
  return errors.slice(-MAX_ERRORS);
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch {
    // A stack without any output yet has no folder for it.
    return [];
  }
}

async function linesAbout(text: string, file: string): Promise<readonly LogLine[]> {
  const found: LogLine[] = [];
  const quoted = JSON.stringify(text).slice(1, -1);
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (!line.includes(quoted) || line.includes('"_aws"')) continue;
    const record = parsedLine(line);
    if (record !== undefined) found.push(record);
    if (found.length > MAX_LINES) found.shift();
  }
  return found;
}

function parsedLine(line: string): LogLine | undefined {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    // The last line may be half written.
    return undefined;
  }
}
