import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { stoppable } from './listen.ts';
import type { StoppableServer } from './listen.ts';

/** A port in front of a server of another process that cannot give up its own without losing what it holds. */
export function startTcpFront(targetPort: number): Promise<StoppableServer> {
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (caller) => {
    const target = connect({ port: targetPort, host: '127.0.0.1', noDelay: true });
    for (const [one, other] of [
      [caller, target],
      [target, caller],
    ] as const) {
      open.add(one);
      one.pipe(other);
      // `close` follows, and takes the other side along.
      one.on('error', () => undefined);
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  return stoppable(server, () => open.forEach((socket) => socket.destroy()), 0);
}
