import type { Logger as PinoLogger } from 'pino';
import { pino, stdTimeFunctions } from 'pino';
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

/**
 * A logger of JSON lines, written in order and before the call returns, without what must not be in a log.
 * The time is ISO 8601, the level a word.
 */
export function createLogger({ function: name, level = 'info', destination }: LoggerOptions): Logger {
  const options = {
    level,
    base: { function: name },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    // What arrives here as `err` went through `redacted` already.
    serializers: { err: (fields: unknown) => fields },
    hooks: { streamWrite: withoutSignedQueries },
  };
  return redacting(pino(options, destination ?? { write: (line) => void process.stdout.write(line) }));
}

function redacting(lines: PinoLogger): Logger {
  const writer = (level: 'debug' | 'info' | 'warn' | 'error') => (fields: object, message?: string) => {
    if (lines.isLevelEnabled(level)) lines[level](redacted(fields), message);
  };
  return {
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
    child: (fields) => redacting(lines.child(redacted(fields))),
  };
}
