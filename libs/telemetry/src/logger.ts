import { redacted, withoutSignedQueries } from './redact.ts';

/** Writes one wide line for each unit of work; fields hold ids, sizes and outcomes, never content. */
export interface Logger {
  debug(fields: object, message?: string): void;
  info(fields: object, message?: string): void;
  warn(fields: object, message?: string): void;
  error(fields: object, message?: string): void;
  /** A logger whose every line also has these fields. */
  child(fields: object): Logger;
}

/** How a logger is set up. */
export interface LoggerOptions {
  /** The name of the function, in every line. */
  readonly function: string;
  /** The least level that is written; `info` unless given. */
  readonly level?: string;
  /** Where the lines go; standard output unless given. */
  readonly destination?: { write(line: string): void };
}

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** What the lines of a logger have in common. */
interface Lines {
  /** The first of `LEVELS` that is written. */
  readonly least: number;
  readonly common: object;
  readonly write: (line: string) => void;
}

const standardOutput = { write: (line: string) => void process.stdout.write(line) };

/**
 * A logger of JSON lines, written in order and before the call returns, without what must not be in a log.
 * The time is ISO 8601, the level a word.
 *
 * @throws RangeError for a level that there is not
 */
export function createLogger({
  function: name,
  level = 'info',
  destination = standardOutput,
}: LoggerOptions): Logger {
  const least = LEVELS.findIndex((one) => one === level);
  if (least < 0) throw new RangeError(`there is no level ${level}`);
  return loggerOf({ least, common: { function: name }, write: (line) => destination.write(line) });
}

function loggerOf(lines: Lines): Logger {
  const writer = (level: (typeof LEVELS)[number]) => {
    const isWritten = LEVELS.indexOf(level) >= lines.least;
    return (fields: object, msg?: string) => {
      if (!isWritten) return;
      const line = { level, time: new Date().toISOString(), ...lines.common, ...redacted(fields), msg };
      lines.write(`${withoutSignedQueries(JSON.stringify(line))}\n`);
    };
  };
  return {
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
    child: (fields) => loggerOf({ ...lines, common: { ...lines.common, ...redacted(fields) } }),
  };
}
