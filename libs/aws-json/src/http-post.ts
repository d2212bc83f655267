import {
  Agent as HttpAgent,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as httpRequest,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

export interface HttpRequest {
  readonly endpoint: URL;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/** As many at a time as the SDK. */
const CONNECTIONS = { keepAlive: true, maxSockets: 50 };
const agents = { 'http:': new HttpAgent(CONNECTIONS), 'https:': new HttpsAgent(CONNECTIONS) };

/**
 * Posts over a connection that is kept.
 *
 * @throws Error named `TimeoutError` when the whole answer is not there in time, `AbortError` when the signal fires
 */
export function postWithin(
  millis: number,
  { endpoint, headers, body }: HttpRequest,
  signal: AbortSignal | undefined,
): Promise<HttpAnswer> {
  const { protocol, hostname, port } = endpoint;
  const isPlain = protocol === 'http:';
  const options = { method: 'POST', hostname, port, path: '/', headers, ...(signal && { signal }) };
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  const request = isPlain
    ? httpRequest({ ...options, agent: agents['http:'] })
    : httpsRequest({ ...options, agent: agents['https:'] });
  const timer = setTimeout(() => request.destroy(timeoutError(millis)), millis);
  request.on('error', reject);
  request.on('response', (response) => read(response, resolve, reject));
  request.end(body);
  return promise.finally(() => clearTimeout(timer));
}

function read(
  response: IncomingMessage,
  resolve: (answer: HttpAnswer) => void,
  reject: (error: Error) => void,
): void {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('error', reject);
  response.on('end', () =>
    resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
  );
}

function timeoutError(millis: number): Error {
  const error = new Error(`no answer within ${millis} ms`);
  error.name = 'TimeoutError';
  return error;
}
