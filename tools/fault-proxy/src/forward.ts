import { Agent, request as httpRequest } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

/** The target's answer, read whole. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Sends requests on to the target, with the caller's own headers, `Host` included, and the caller's own bytes. */
export interface Forwarder {
  /** Streams the request to the target and the answer back. */
  pass(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Streams the request to the target and reads the answer: when this resolves, the effect has happened. */
  perform(request: IncomingMessage): Promise<WholeAnswer>;
  /** Sends another body in place of the request's own. */
  performWith(request: IncomingMessage, body: Buffer): Promise<WholeAnswer>;
  stop(): void;
}

/** Makes a forwarder for one target. */
export function createForwarder(target: URL): Forwarder {
  // A kept connection may be closed by the target just when it is used again, and a streamed body cannot be resent.
  const agent = new Agent({ keepAlive: false });

  const answerTo = (request: IncomingMessage, headers: readonly string[], body: IncomingMessage | Buffer) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const { method, url: path } = request;
      const { hostname: host, port } = target;
      const outgoing = httpRequest({ agent, host, port, method, path, headers });
      outgoing.once('response', resolve);
      outgoing.once('error', reject);
      if (Buffer.isBuffer(body)) outgoing.end(body);
      else pipeline(body, outgoing).catch(reject);
    });

  const forward = (request: IncomingMessage) =>
    answerTo(request, forwardedHeaders(request, ['expect']), request);
  return {
    async pass(request, response) {
      const answer = await forward(request);
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders);
      await pipeline(answer, response);
    },
    perform: async (request) => whole(await forward(request)),
    async performWith(request, body) {
      const kept = forwardedHeaders(request, [
        'expect',
        'content-length',
        'transfer-encoding',
        'accept-encoding',
      ]);
      return whole(await answerTo(request, [...kept, 'content-length', `${body.byteLength}`], body));
    },
    stop: () => agent.destroy(),
  };
}

/** `Expect` is left out everywhere: this proxy has already answered 100 Continue. */
function forwardedHeaders({ rawHeaders }: IncomingMessage, dropped: readonly string[]): string[] {
  const pairs = Array.from({ length: rawHeaders.length / 2 }, (_pair, index) =>
    rawHeaders.slice(2 * index, 2 * index + 2),
  );
  return pairs.filter(([name = '']) => !dropped.includes(name.toLowerCase())).flat();
}

async function whole(answer: IncomingMessage): Promise<WholeAnswer> {
  const body = await buffer(answer);
  return { status: answer.statusCode ?? 502, headers: answer.headers, body };
}
