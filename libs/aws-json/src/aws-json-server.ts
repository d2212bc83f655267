import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

/** A request as it came over the wire. */
export interface SeenRequest {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What the server does with a request: answers it, hangs up, stops in the middle of an answer, or never says a word. */
export type Behaviour = { readonly status: number; readonly body: string } | 'hang-up' | 'half' | 'silence';

/** A server for tests that answers each request as told, the last behaviour for all that follow. */
export async function startAwsJsonServer(...behaviours: readonly Behaviour[]) {
  const seen: SeenRequest[] = [];
  const connections = new Set<unknown>();
  const server = createServer((request, response) => {
    connections.add(request.socket);
    void text(request).then((body) => {
      const behaviour = behaviours[seen.length] ?? behaviours.at(-1) ?? 'silence';
      seen.push({ headers: request.headers, body });
      if (behaviour === 'hang-up') request.socket.destroy();
      if (behaviour === 'half') response.writeHead(200).write('{');
      if (typeof behaviour === 'object') response.writeHead(behaviour.status).end(behaviour.body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    seen,
    connections,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
