import type { OperationName } from './operations.ts';

/** What may be told of a call that failed: never what was sent or answered. */
export interface FailedCall {
  readonly operation: OperationName;
  /** Undefined when there was no answer. */
  readonly status?: number | undefined;
  /** Genesys Cloud's own code, such as `not.authorized`. */
  readonly code?: string | undefined;
  /** What Genesys Cloud's support asks for: the `inin-correlation-id`. */
  readonly correlationId?: string | undefined;
}

/** Try again, after `retryAfterSeconds` where that is known: rate limit, outage, network, or no time left to wait. */
export class GenesysUnavailableError extends Error {
  override readonly name = 'GenesysUnavailableError';
  readonly call: FailedCall;
  readonly retryAfterSeconds: number | undefined;

  constructor(call: FailedCall, what: string, retryAfterSeconds?: number) {
    super(sentence(call, what));
    this.call = call;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Trying again is of no use before somebody has acted; the message says what to do, mostly which permission to grant. */
export class GenesysRefusedError extends Error {
  override readonly name = 'GenesysRefusedError';
  readonly call: FailedCall;

  constructor(call: FailedCall, what: string) {
    super(sentence(call, what));
    this.call = call;
  }
}

/** Whether a refusal is of the request alone: what it asks for is not there, or is not a thing to ask for. */
export const isOfTheRequest = (error: unknown): boolean =>
  error instanceof GenesysRefusedError &&
  error.call.status !== undefined &&
  error.call.status >= 400 &&
  error.call.status < 500 &&
  error.call.status !== 401 &&
  error.call.status !== 403;

/** The answer is not of the form that we know, or larger than any should be: set the work aside and report it. */
export class GenesysAnswerError extends Error {
  override readonly name = 'GenesysAnswerError';
  readonly call: FailedCall;

  constructor(call: FailedCall, what: string) {
    super(sentence(call, what));
    this.call = call;
  }
}

function sentence({ operation, status, code, correlationId }: FailedCall, what: string): string {
  const known = [status, code, correlationId && `correlation id ${correlationId}`].filter(Boolean).join(', ');
  return `${operation} ${what}${known === '' ? '' : ` (${known})`}`;
}
