import {
  Agent as HttpAgent,
  type ClientRequest,
  type IncomingMessage,
  request as httpRequest,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

export interface HttpRequest {
  readonly endpoint: URL;
  /** Names and values in turn, every one that the request needs: Node then writes them as they are. */
  readonly headers: readonly string[];
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
  const options = { method: 'POST', hostname, port, path: '/', headers };
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  const request =
    protocol === 'http:'
      ? httpRequest({ ...options, agent: agents['http:'] })
      : httpsRequest({ ...options, agent: agents['https:'] });
  const stopped = stopping(request, millis, signal);
  request.on('error', reject);
  request.on('response', (response) => read(response, resolve, reject));
  request.end(body);
  return promise.finally(stopped);
}

/**
 * Ends the request when its time is over or the signal fires. Node's own `signal` option watches the stream to its end
 * for this, which costs every call a fifth of all that HTTP does.
 *
 * @returns what is to be called when neither matters any more
 */
function stopping(request: ClientRequest, millis: number, signal: AbortSignal | undefined): () => void {
  const timer = setTimeout(
    () => request.destroy(namedError('TimeoutError', `no answer within ${millis} ms`)),
    millis,
  );
  const abort = () => request.destroy(namedError('AbortError', 'the call was aborted'));
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort);
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  };
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

function namedError(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}
