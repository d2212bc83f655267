import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** What becomes of a call to an AWS API over JSON: another one goes on in its place, or this answer comes back. */
export type Tampering = { readonly forward: unknown } | { readonly answer: unknown };

/** For tests: stands between a function and a service and changes what is said. */
export async function startTamperingProxy(
  target: string,
  tamper: (operation: string, input: Record<string, unknown>) => Tampering,
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const headers = {
      'x-amz-target': String(request.headers['x-amz-target']),
      'content-type': String(request.headers['content-type']),
      authorization: String(request.headers.authorization),
      'x-amz-date': String(request.headers['x-amz-date']),
    };
    const handle = async (): Promise<void> => {
      const tampered = tamper(operation, (await json(request)) as Record<string, unknown>);
      response.setHeader('content-type', headers['content-type']);
      if ('answer' in tampered) return void response.end(JSON.stringify(tampered.answer));
      const body = JSON.stringify(tampered.forward);
      const answer = await fetch(target, { method: 'POST', headers, body });
      response.writeHead(answer.status).end(await answer.text());
    };
    handle().catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
