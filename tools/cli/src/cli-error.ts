/** What a command ends with: 0 done, 1 failed, 2 wrongly used, 3 done in part. */
export type ExitCode = 0 | 1 | 2 | 3;

/** Ends a command with a message for people; `next` says what to do about it. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;
  readonly next: string | undefined;

  constructor(exitCode: ExitCode, message: string, next?: string) {
    super(message);
    this.exitCode = exitCode;
    this.next = next;
  }
}

/** The command was understood and could not be done. */
export const failure = (message: string, next?: string): CliError => new CliError(1, message, next);

/** The command names something that does not exist or makes no sense. */
export const usage = (message: string, next?: string): CliError => new CliError(2, message, next);

/** What an error says; one of another realm or of native code need not be an `Error` of ours. */
export function messageOf(error: unknown): string {
  const { message } = (error ?? {}) as { readonly message?: unknown };
  return typeof message === 'string' ? message : String(error);
}
