import { AwsError } from './json-target-server.ts';

/** Tasks that wait for somebody to say how they ended. */
export interface TaskTokens {
  /** A new token, of no effect until something waits for it. */
  readonly mint: () => string;
  /** Settles as somebody says, or never: once the time is over, nobody is heard any more. */
  readonly wait: (token: string, timeoutSeconds: number) => Promise<unknown>;
  /** @throws AwsError `InvalidToken` for one that never was, `TaskTimedOut` for one that was used or whose time is over */
  readonly succeed: (token: string, output: unknown) => void;
  /** @throws AwsError as `succeed` does */
  readonly fail: (token: string, error: Error) => void;
  /** Ends all waiting with this error. */
  readonly stop: (error: Error) => void;
}

interface Waiting {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Task tokens in memory. `newToken` makes ones that cannot be guessed. */
export function createTaskTokens(newToken: () => string): TaskTokens {
  const known = new Set<string>();
  const waiting = new Map<string, Waiting>();

  const take = (token: string): Waiting => {
    const one = waiting.get(token);
    if (one) {
      clearTimeout(one.timer);
      waiting.delete(token);
      return one;
    }
    if (!known.has(token)) throw new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");
    throw new AwsError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
  };
  return {
    mint: () => {
      const token = newToken();
      known.add(token);
      return token;
    },
    wait: (token, timeoutSeconds) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => waiting.delete(token), timeoutSeconds * 1000);
        waiting.set(token, { resolve, reject, timer });
      }),
    succeed: (token, output) => take(token).resolve(output),
    fail: (token, error) => take(token).reject(error),
    stop: (error) => {
      for (const token of [...waiting.keys()]) take(token).reject(error);
    },
  };
}
