import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import pc from 'picocolors';

/** Where the output of one function goes: whole lines as JSON to a file, readable ones to the terminal. */
export interface FunctionLog {
  /** A source of output of its own: lines of several threads must not run into each other. */
  readonly writer: () => (text: string) => void;
  readonly close: () => Promise<void>;
}

export interface FunctionLogDeps {
  readonly directory: string;
  readonly app: string;
  readonly now: () => Date;
  readonly print: (line: string) => void;
  /** Takes a line that is metrics. */
  readonly measure: (record: LogRecord) => void;
}

/** One line of a function's log. */
export type LogRecord = Readonly<Record<string, unknown>>;

/** Appends to `{directory}/{app}.ndjson`. */
export function createFunctionLog({ directory, app, now, print, measure }: FunctionLogDeps): FunctionLog {
  mkdirSync(directory, { recursive: true });
  const file = createWriteStream(join(directory, `${app}.ndjson`), { flags: 'a' });
  const take = (line: string): void => {
    if (line.trim() === '') return;
    const record = parseRecord(line) ?? { time: now().getTime(), function: app, msg: line };
    file.write(`${JSON.stringify(record)}\n`);
    // Metrics are for machines.
    if ('_aws' in record) measure(record);
    else print(readableLine(app, record, now()));
  };
  return {
    writer: () => {
      let rest = '';
      return (text) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        lines.forEach(take);
      };
    },
    close: () => new Promise((resolve) => file.end(() => resolve())),
  };
}

function parseRecord(line: string): LogRecord | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as LogRecord;
  } catch {
    return undefined;
  }
}

const LEVELS: Readonly<Record<string, string>> = {
  ...bothForms(10, 'trace', pc.dim),
  ...bothForms(20, 'debug', pc.dim),
  ...bothForms(30, 'info', pc.green),
  ...bothForms(40, 'warn', pc.yellow),
  ...bothForms(50, 'error', pc.red),
  ...bothForms(60, 'fatal', pc.red),
};

const NO_LEVEL = ' '.repeat(5);

/** pino writes a level as a number or, when told to, as a word. */
function bothForms(number: number, word: string, colour: (text: string) => string): Record<string, string> {
  const shown = colour(word.padEnd(5));
  return { [number]: shown, [word]: shown };
}

/** Said by the line itself already, or of no use to a person. */
const NOT_SHOWN = ['level', 'time', 'msg', 'function', 'pid', 'hostname', 'v', 'stack'];

/** One log record on one line: time, function, level, message, then `name=value`. */
export function readableLine(app: string, record: LogRecord, now: Date): string {
  const time = new Date(
    typeof record['time'] === 'number' || typeof record['time'] === 'string' ? record['time'] : now,
  );
  const shown = Number.isNaN(time.getTime()) ? now : time;
  const fields = Object.entries(record)
    .filter(([key, value]) => !NOT_SHOWN.includes(key) && value !== undefined && value !== null)
    .map(
      ([key, value]) => `${pc.dim(`${key}=`)}${typeof value === 'string' ? value : JSON.stringify(value)}`,
    );
  const message = typeof record['msg'] === 'string' ? [record['msg']] : [];
  const level = LEVELS[JSON.stringify(record['level'])?.replaceAll('"', '') ?? ''] ?? NO_LEVEL;
  return [
    pc.dim(shown.toTimeString().slice(0, 8)),
    pc.cyan(app.padEnd(9)),
    level,
    ...message,
    ...fields,
  ].join(' ');
}
