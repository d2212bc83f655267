import { setTimeout as sleep } from 'node:timers/promises';
import type { AwsCall } from './aws-call.ts';
import { answeredError, AwsJsonError, isWorthAnotherTry } from './aws-json-error.ts';
import type { HttpAnswer } from './http-answer.ts';
import { createHttpPost } from './http-post.ts';
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
export interface AwsJsonDeps {
  /** Only scheme and host count. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
  /** For one attempt, from the connection to the last byte. */
  readonly timeoutMillis: number;
  readonly maxAttempts: number;
  /** From 0 up to 1. */
  random(): number;
}

/** Before the second attempt, as the SDK has it. */
const BACKOFF_MILLIS = 100;

/**
 * Calls of one service, signed and sent by hand: what the SDK takes to load and to run is most of a cold start. They
 * throw an `AwsJsonError` when the service refuses, and else an error named `TimeoutError`, `AbortError`,
 * `MalformedAnswerError`, or as Node names a connection that failed.
 */
export function createAwsJsonCall(service: AwsJsonService, deps: AwsJsonDeps): AwsCall {
  const endpoint = new URL(deps.endpoint);
  const sign = createRequestSigner(endpoint, service, deps);
  const post = createHttpPost(endpoint);
  return async (operation, input, signal) => {
    const body = JSON.stringify(input);
    const attempt = async () =>
      outputOf(await post(deps.timeoutMillis, sign(operation, body, new Date()), signal));
    for (let attempts = 1; attempts < deps.maxAttempts; attempts += 1) {
      try {
        return await attempt();
      } catch (error) {
        if (signal?.aborted || !isWorthAnotherTry(error)) throw error;
        await sleep(deps.random() * BACKOFF_MILLIS * 2 ** attempts, undefined, signal && { signal });
      }
    }
    return attempt();
  };
}

/** @throws AwsJsonError for a refusal, and for an answer that something between us and the service made */
function outputOf({ status, text }: HttpAnswer): Readonly<Record<string, unknown>> {
  if (status !== 200) throw answeredError(status, text);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // Told below, without the text.
  }
  throw new AwsJsonError('UnreadableAnswer', 'the service answered with something that is not JSON', 502);
}
