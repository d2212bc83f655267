import type { Colors } from 'picocolors/types.js';
import type { StageAccess } from './stage-access.ts';

/** The options that every command has. */
export interface GlobalOptions {
  readonly json: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
  /** `local` is the stack that runs here, anything else a stage on AWS. */
  readonly stage: string;
}

/** What commands need from the outside world. */
export interface CommandContext {
  readonly options: GlobalOptions;
  /** File arguments are relative to it, and the running stack is looked for from here upwards. */
  readonly cwd: string;
  readonly colors: Colors;
  readonly writeOut: (text: string) => void;
  /** For what may be large: no faster than its reader takes it. */
  readonly streamOut: (texts: AsyncIterable<string>) => Promise<void>;
  readonly writeErr: (text: string) => void;
  readonly readStdin: () => Promise<string>;
  readonly now: () => Date;
  readonly randomBytes: (count: number) => Buffer;
  readonly fetch: typeof fetch;
  readonly sleep: (millis: number) => Promise<void>;
  /** Calls back before this process ends early, by a signal or otherwise, until the returned function is called. */
  readonly onExit: (cleanUp: () => void) => () => void;
  /** @throws CliError saying how to start a stack, or which stages there are */
  readonly connect: () => Promise<StageAccess>;
}

/** Says the result: as one JSON document, or for people. */
export function say(context: CommandContext, document: unknown, forPeople: () => string): void {
  const { json } = context.options;
  context.writeOut(`${json ? JSON.stringify(document, undefined, 2) : forPeople()}\n`);
}
