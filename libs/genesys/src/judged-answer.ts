import { retryAfterSeconds } from '@aftercall/oauth';
import { correlationId, type Received } from './http-exchange.ts';
import { type Operation, type OperationName, OPERATIONS } from './operations.ts';
import { type FailedCall, GenesysRefusedError, GenesysUnavailableError } from './platform-errors.ts';

/** A 2xx, or a status that the operation takes for an answer. */
export interface PlatformAnswer {
  readonly status: number;
  /** Undefined without a body. */
  readonly json: unknown;
  readonly call: FailedCall;
}

/** All that one attempt can come to but a final failure, which is thrown. */
export type Attempt =
  | { readonly outcome: 'answered'; readonly answer: PlatformAnswer }
  | { readonly outcome: 'unauthorized'; readonly token: string; readonly call: FailedCall }
  /** The pacer lets the next attempt wait. */
  | { readonly outcome: 'throttled'; readonly error: GenesysUnavailableError }
  | { readonly outcome: 'failed'; readonly error: GenesysUnavailableError };

/** What an answer means for the call. @throws GenesysRefusedError when it is final */
export function judged(
  operation: OperationName,
  { status, headers, text }: Received,
  token: string,
): Attempt {
  const { alsoAnswers = [] }: Operation = OPERATIONS[operation];
  const parsed = parsedJson(text);
  const code = parsed.outcome === 'json' ? errorCode(parsed.value) : undefined;
  const call = { operation, status, code, correlationId: correlationId(headers) };
  const failed = (outcome: 'failed' | 'throttled', what: string): Attempt => ({
    outcome,
    error: new GenesysUnavailableError(call, what, retryAfterSeconds(headers)),
  });

  if (status === 429) return failed('throttled', 'is over the rate limit');
  if (status >= 500 || status === 408) return failed('failed', 'failed');
  if (status === 401) return { outcome: 'unauthorized', token, call };
  const isAnswer = (status >= 200 && status < 300) || alsoAnswers.includes(status);
  // A web page comes from something in between, whatever its status says.
  const isPage = /^text\/html/i.test(headers.get('content-type') ?? '');
  if (isPage || (isAnswer && parsed.outcome === 'no-json'))
    return failed('failed', 'was answered, but not with JSON');
  if (!isAnswer) throw refusal(call);
  return { outcome: 'answered', answer: { status, json: parsed.value, call } };
}

/** What somebody has to do. */
export function refusal(call: FailedCall): GenesysRefusedError {
  const { operation, status = 0 } = call;
  const permissions: readonly string[] = OPERATIONS[operation].permissions;
  if (status === 401)
    return new GenesysRefusedError(
      call,
      'was refused with a new token too: check that the OAuth client is active',
    );
  if (status === 403)
    return new GenesysRefusedError(
      call,
      `is not allowed: grant a role of the OAuth client ${permissions.join(' and ')}`,
    );
  if (status === 404) return new GenesysRefusedError(call, 'asked for what is not, or no longer, there');
  if (status < 400) return new GenesysRefusedError(call, 'was redirected: correct the base URL of the API');
  return new GenesysRefusedError(call, 'was refused: the same request will not do better');
}

type Parsed =
  | { readonly outcome: 'json'; readonly value: unknown }
  | { readonly outcome: 'no-json'; readonly value?: undefined };

/** Nothing at all counts as JSON: some answers have no body. */
function parsedJson(text: string): Parsed {
  if (text.trim() === '') return { outcome: 'json', value: undefined };
  try {
    const value: unknown = JSON.parse(text);
    return { outcome: 'json', value };
  } catch {
    return { outcome: 'no-json' };
  }
}

function errorCode(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('code' in body)) return undefined;
  return typeof body.code === 'string' && /^[\w.-]{1,100}$/.test(body.code) ? body.code : undefined;
}
