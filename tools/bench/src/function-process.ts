// One function's bundle in a process of its own, as Lambda has it. Told by messages what to do; see `function-host.ts`.
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';

/** What the process is told, one at a time. */
export type Order =
  | { readonly kind: 'load'; readonly bundle: string }
  | { readonly kind: 'invoke'; readonly event: string }
  | { readonly kind: 'serve' }
  | { readonly kind: 'usage' };

/** The answer to each. */
export interface Answers {
  readonly load: { readonly importMillis: number };
  readonly invoke: { readonly millis: number; readonly payload: string; readonly logBytes: number };
  readonly serve: { readonly port: number };
  readonly usage: { readonly cpuMicros: number; readonly peakRssBytes: number };
}

type Handler = (event: unknown, context: object) => Promise<unknown>;
interface HttpAnswer {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** As it was told; else nothing that is measured comes near it. */
const [, , timeoutSeconds = '60'] = process.argv;
let handler: Handler = async () => Promise.reject(new Error('nothing is loaded'));
let requests = 0;
/** Of all that the function has written so far. Nobody reads it here. */
let logBytes = 0;
process.stdout.write = (text: string | Uint8Array): boolean => {
  logBytes += Buffer.byteLength(text);
  return true;
};

async function load(bundle: string): Promise<Answers['load']> {
  const startedAt = performance.now();
  const loaded = (await import(pathToFileURL(bundle).href)) as { readonly handler: Handler };
  handler = loaded.handler;
  return { importMillis: performance.now() - startedAt };
}

function invoke(event: unknown): Promise<unknown> {
  const endsAt = Date.now() + Number(timeoutSeconds) * 1_000;
  requests += 1;
  return handler(event, {
    awsRequestId: `request-${requests}`,
    functionName: 'bench',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:bench',
    memoryLimitInMB: '512',
    getRemainingTimeInMillis: () => endsAt - Date.now(),
  });
}

async function invokeOnce(event: string): Promise<Answers['invoke']> {
  const parsed: unknown = JSON.parse(event);
  const [startedAt, writtenBefore] = [performance.now(), logBytes];
  const result = await invoke(parsed);
  return {
    millis: performance.now() - startedAt,
    payload: JSON.stringify(result) ?? 'null',
    logBytes: logBytes - writtenBefore,
  };
}

/** An HTTP API in front of the function, as thin as can be: every function measured has the same. */
async function serve(): Promise<Answers['serve']> {
  const server = createServer((request, response) => {
    void answer(request).then(({ statusCode, headers, body = '' }) =>
      response.writeHead(statusCode, headers).end(body),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port };
}

async function answer(request: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = 'POST', url = '/', headers } = request;
  const result = await invoke({
    version: '2.0',
    routeKey: 'POST /webhooks/{source}',
    rawPath: url,
    rawQueryString: '',
    headers,
    pathParameters: { source: url.split('/').at(-1) },
    requestContext: {
      http: { method, path: url, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1' },
      requestId: `http-${requests}`,
      stage: '$default',
      timeEpoch: Date.now(),
    },
    body: Buffer.concat(chunks).toString(),
    isBase64Encoded: false,
  }).catch((error: unknown) => ({ statusCode: 500, body: String(error) }));
  return result as HttpAnswer;
}

function usage(): Answers['usage'] {
  const { user, system } = process.cpuUsage();
  return { cpuMicros: user + system, peakRssBytes: peakRss() };
}

/** Of the whole life of the process. @see https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
function peakRss(): number {
  const [, kilobytes = NaN] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

async function carryOut(order: Order): Promise<Answers[Order['kind']]> {
  switch (order.kind) {
    case 'load':
      return load(order.bundle);
    case 'invoke':
      return invokeOnce(order.event);
    case 'serve':
      return serve();
    case 'usage':
      return usage();
  }
}

process.on('message', (order: Order) => {
  carryOut(order).then(
    (value) => process.send?.({ value }),
    (error: unknown) =>
      process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
// A benchmark that fails must not leave servers behind.
process.on('disconnect', () => process.exit());
process.send?.({ value: 'up' });
