import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';

/** A server on the loopback interface. `close` also drops connections that are kept alive or still waiting. */
export interface LocalServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/**
 * Serves on 127.0.0.1 only: nothing of the local stack is reachable from another machine.
 *
 * @param port 0 for any free one
 * @throws Error when the port is taken
 */
export async function listenOnLoopback(listener: RequestListener, port: number): Promise<LocalServer> {
  const server = createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
