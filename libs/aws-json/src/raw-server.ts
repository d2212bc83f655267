import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** What the server does with a request, by hand. @param nth of all requests, from 0 */
export type OnRequest = (socket: Socket, nth: number) => void;

/** A server for tests that reads requests and leaves it to the test what bytes come back. */
export async function startRawServer(onRequest: OnRequest, tls?: TlsOptions) {
  const requests: string[] = [];
  const bodies: Buffer[] = [];
  const sockets: Socket[] = [];
  const onSocket = (socket: Socket) => {
    sockets.push(socket);
    // A character for each byte.
    let text = '';
    // A client that hangs up is what some tests are about.
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      for (let length = requestLength(text); length <= text.length; length = requestLength(text)) {
        const request = Buffer.from(text.slice(0, length), 'latin1');
        requests.push(request.toString());
        bodies.push(request.subarray(text.indexOf('\r\n\r\n') + 4));
        text = text.slice(length);
        onRequest(socket, requests.length - 1);
      }
    });
  };
  const server = tls ? createTlsServer(tls, onSocket) : createServer(onSocket);
  server.on('tlsClientError', () => undefined);
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    endpoint: new URL(`${tls ? 'https' : 'http'}://localhost:${port}`),
    requests,
    bodies,
    sockets,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Of the first request in the text, or more than there is. */
function requestLength(text: string): number {
  const head = text.indexOf('\r\n\r\n');
  const [, length = '0'] = /\r\ncontent-length: (\d+)/.exec(text) ?? [];
  return head < 0 ? Infinity : head + 4 + Number(length);
}
