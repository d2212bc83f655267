import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { createConnectionPool } from './connection-pool.ts';
import type { HttpAnswer } from './http-answer.ts';
import type { Call } from './http-connection.ts';

/** A request with everything that it needs. */
export interface HttpRequest {
  readonly method: string;
  /** Path and query, encoded. */
  readonly target: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: string | Uint8Array;
}

/** How long an answer is waited for. */
export interface Wait {
  /** From the connection to the last byte, or to the first where the rest has a time of its own. */
  readonly timeoutMillis: number;
  /** From the first byte to the last. */
  readonly bodyMillis?: number;
}

const NO_VALUE = /[^\t\x20-\x7e]/;
const NO_TARGET = /[^\x21-\x7e]/;

/**
 * Sends a request to one server, over a connection that is kept. What broke a kept connection before a byte of the
 * answer came is sent once more over a new one: the server may have seen it.
 *
 * @throws Error named `TimeoutError` when the answer is not there in time, `AbortError` when the signal fires,
 * `MalformedAnswerError`, `AnswerTooLargeError`, or as Node names a connection that failed
 */
export type HttpSend = (
  wait: Wait,
  request: HttpRequest,
  signal: AbortSignal | undefined,
) => Promise<HttpAnswer>;

/** @param maxBodyBytes of an answer */
export function createHttpSend(endpoint: URL, maxBodyBytes: number): HttpSend {
  const pool = createConnectionPool(socketsTo(endpoint), maxBodyBytes);
  return async ({ timeoutMillis, bodyMillis }, request, signal) => {
    const head = headOf(request);
    const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
    const stop = (error: Error) => pool.stop(call, error);
    const stopAfter = (millis: number) =>
      setTimeout(() => stop(namedError('TimeoutError', `no answer within ${millis} ms`)), millis);
    let timer = stopAfter(timeoutMillis);
    const abort = () => stop(namedError('AbortError', 'the call was aborted'));
    const ended = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    const call: Call = {
      ...{ head, body: request.body },
      begun: () => {
        if (bodyMillis === undefined) return;
        clearTimeout(timer);
        timer = stopAfter(bodyMillis);
      },
      resolve: (answer) => {
        ended();
        resolve(answer);
      },
      reject: (error) => {
        ended();
        reject(error);
      },
    };
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) abort();
    else pool.start(call);
    return promise;
  };
}

/** @throws TypeError for what would end the line that it stands in */
function headOf({ method, target, headers }: HttpRequest): string {
  if (NO_TARGET.test(target)) throw new TypeError('a target must be encoded');
  let text = `${method} ${target} HTTP/1.1\r\n`;
  for (let at = 0; at < headers.length; at += 2) {
    const [name = '', value = ''] = [headers[at], headers[at + 1]];
    if (NO_VALUE.test(value)) throw new TypeError(`what stands for ${name} can be no header`);
    text += `${name}: ${value}\r\n`;
  }
  return `${text}\r\n`;
}

/** As Node's agents connect: packets leave at once, and the name is one that a certificate can hold. */
function socketsTo({ protocol, hostname, port }: URL): () => Socket {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (protocol === 'http:') return () => connectTcp({ host, port: Number(port || 80), noDelay: true });
  // Loading it makes a thread of Node's read all certificates there are.
  const tls = process.getBuiltinModule('node:tls');
  let session: Buffer | undefined;
  return () => {
    const socket = tls.connect({
      ...{ host, port: Number(port || 443), servername: isIP(host) ? '' : host },
      ...{ ALPNProtocols: ['http/1.1'], ...(session && { session }) },
    });
    socket.setNoDelay(true);
    socket.on('session', (newer) => (session = newer));
    socket.on('error', () => (session = undefined));
    return socket;
  };
}

function namedError(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}
