import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** One request as it came in. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly port: number;
}

/** A webhook endpoint for tests, which answers as told; `hang` never answers, `break` drops the connection. */
export async function startReceiver(answer: (received: Received) => number | 'hang' | 'break') {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const one = {
        path: request.url ?? '',
        headers: request.headers,
        body,
        port: request.socket.remotePort ?? 0,
      };
      received.push(one);
      const status = answer(one);
      if (status === 'break') request.socket.destroy();
      else if (status !== 'hang') response.writeHead(status).end(`answer ${status}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
