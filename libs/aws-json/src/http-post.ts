import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { createConnectionPool } from './connection-pool.ts';
import type { HttpAnswer } from './http-answer.ts';
import type { Call } from './http-connection.ts';

export interface HttpRequest {
  /** Names and values in turn, every one that the request needs. */
  readonly headers: readonly string[];
  readonly body: string;
}

const NO_VALUE = /[^\t\x20-\x7e]/;

/**
 * Posts to `/` of one server, over a connection that is kept. What broke a kept connection before a byte of the answer
 * came is sent once more over a new one: the server may have seen it.
 *
 * @param millis for everything, from the connection to the last byte
 * @throws Error named `TimeoutError` when the whole answer is not there in time, `AbortError` when the signal fires,
 * `MalformedAnswerError`, or as Node names a connection that failed
 */
export type HttpPost = (
  millis: number,
  request: HttpRequest,
  signal: AbortSignal | undefined,
) => Promise<HttpAnswer>;

export function createHttpPost(endpoint: URL): HttpPost {
  const pool = createConnectionPool(socketsTo(endpoint));
  return async (millis, { headers, body }, signal) => {
    const request = `${head(headers)}${body}`;
    const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
    const stop = (error: Error) => pool.stop(call, error);
    const timer = setTimeout(() => stop(namedError('TimeoutError', `no answer within ${millis} ms`)), millis);
    const abort = () => stop(namedError('AbortError', 'the call was aborted'));
    const ended = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    const call: Call = {
      request,
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

/** @throws TypeError for a value that would end its header */
function head(headers: HttpRequest['headers']): string {
  let text = 'POST / HTTP/1.1\r\n';
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
