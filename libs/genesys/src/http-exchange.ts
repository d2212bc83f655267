import { boundedText } from '@aftercall/oauth';
import { type Operation, type OperationName, OPERATIONS } from './operations.ts';
import { GenesysAnswerError } from './platform-errors.ts';

/** A call in the terms of the API. */
export interface PlatformRequest {
  readonly operation: OperationName;
  /** In the order of the path. */
  readonly ids?: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** A response whose body has been read. */
export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/**
 * Makes one request and reads its answer whole; rejects with whatever `fetch` throws when there is none.
 *
 * @throws GenesysAnswerError when the answer is too long
 */
export async function exchange(
  url: string,
  token: string,
  { operation, body }: PlatformRequest,
  signal: AbortSignal,
  fetch: typeof globalThis.fetch,
): Promise<Received> {
  const { method, maxAnswerBytes }: Operation = OPERATIONS[operation];
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    redirect: 'manual',
    signal,
  });
  const { status, headers } = response;
  const answer = await boundedText(response, maxAnswerBytes);
  if (answer.outcome === 'read') return { status, headers, text: answer.text };
  const call = { operation, status, correlationId: correlationId(headers) };
  throw new GenesysAnswerError(call, `answered with more than ${maxAnswerBytes} bytes`);
}

/** What Genesys Cloud's support asks for. */
export function correlationId(headers: Headers): string | undefined {
  const id = headers.get('inin-correlation-id') ?? '';
  return /^[\w-]{1,64}$/.test(id) ? id : undefined;
}
