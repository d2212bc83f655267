import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { Server } from 'node:net';

/** A server on the loopback interface. `close` also drops connections that are kept alive or still waiting. */
export interface LocalServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** A server that can give up its port for a while: what it serves stays as it is, and its callers are refused. */
export interface StoppableServer extends LocalServer {
  readonly isRunning: () => boolean;
  /** Refuses connections from now on and drops those there are. Repeating it changes nothing. */
  readonly stop: () => Promise<void>;
  /** Listens again, on the port it had. @throws Error when another program has taken it */
  readonly start: () => Promise<void>;
}

/** Longer than a caller leaves a kept connection idle: one that is closed just when it is used again fails a call. */
const KEEP_ALIVE_MILLIS = 72_000;

/**
 * Serves on 127.0.0.1 only: nothing of the local stack is reachable from another machine.
 *
 * @param port 0 for any free one
 * @throws Error when the port is taken
 */
export async function listenOnLoopback(listener: RequestListener, port: number): Promise<StoppableServer> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MILLIS }, listener);
  return stoppable(server, () => server.closeAllConnections(), port);
}

/** Listens on the loopback interface with a server of HTTP or TCP. */
export async function stoppable(server: Server, drop: () => void, wanted: number): Promise<StoppableServer> {
  await listen(server, wanted);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const { port } = address;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      drop();
    });
  return {
    url: `http://127.0.0.1:${port}`,
    isRunning: () => server.listening,
    stop: close,
    start: async () => {
      if (!server.listening) await listen(server, port);
    },
    close,
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}
