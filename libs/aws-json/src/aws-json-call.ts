import { hash } from 'node:crypto';
import { type Attempts, withAttempts } from './attempts.ts';
import type { AwsCall } from './aws-call.ts';
import { answeredError, AwsJsonError } from './aws-json-error.ts';
import type { HttpAnswer } from './http-answer.ts';
import { createHttpSend } from './http-send.ts';
import { createRequestSigner, type Credentials } from './signed-request.ts';

/** A service that speaks AWS's JSON protocol. */
export interface AwsJsonService {
  /** As signatures name it, such as `sqs`. */
  readonly name: string;
  /** The service's part of `x-amz-target`, such as `AmazonSQS`. */
  readonly target: string;
  readonly version: '1.0' | '1.1';
}

/** Where calls go, and how much they may cost. */
export interface AwsCallDeps extends Attempts {
  /** Only scheme and host count. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
  /** For one attempt, from the connection to the last byte. */
  readonly timeoutMillis: number;
}

/** The most that any of the services answers: BatchGetItem's 16 MB of items, and their names and types in JSON. */
const MAX_ANSWER_BYTES = 32_000_000;

/**
 * Calls of one service, signed and sent by hand: what the SDK takes to load and to run is most of a cold start. They
 * throw an `AwsJsonError` when the service refuses, and else an error named `TimeoutError`, `AbortError`,
 * `MalformedAnswerError`, or as Node names a connection that failed.
 */
export function createAwsJsonCall(service: AwsJsonService, deps: AwsCallDeps): AwsCall {
  const endpoint = new URL(deps.endpoint);
  const sign = createRequestSigner(endpoint, service.name, deps);
  const send = createHttpSend(endpoint, MAX_ANSWER_BYTES);
  return async (operation, input, signal) => {
    const body = JSON.stringify(input);
    const request = {
      ...{ method: 'POST', path: '/', query: '', body, bodySha256: hash('sha256', body) },
      headers: [
        ['content-length', String(Buffer.byteLength(body))],
        ['content-type', `application/x-amz-json-${service.version}`],
        ['x-amz-target', `${service.target}.${operation}`],
      ],
    } as const;
    const attempt = async () => outputOf(await send(deps, sign(request, new Date()), signal));
    return withAttempts(attempt, deps, signal);
  };
}

/** @throws AwsJsonError for a refusal, and for an answer that something between us and the service made */
function outputOf({ status, body }: HttpAnswer): Readonly<Record<string, unknown>> {
  const text = body.toString();
  if (status !== 200) throw answeredError(status, text);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // Told below, without the text.
  }
  throw new AwsJsonError('UnreadableAnswer', 'the service answered with something that is not JSON', 502);
}
