import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RouteSpec } from '../apply/local-resources.ts';
import { listenOnLoopback } from '../aws/listen.ts';
import type { LocalServer } from '../aws/listen.ts';
import type { InvokeResult } from './execution-environment.ts';
import { gatewayAnswer, httpAnswer, httpEvent, splitTarget } from './http-event.ts';
import type { HttpAnswer } from './http-event.ts';
import { matchRoute } from './routes.ts';

export interface HttpFrontDeps {
  readonly now: () => Date;
  /** @param event JSON text */
  readonly invoke: (functionName: string, event: string) => Promise<InvokeResult>;
  /** Hears of each answer. */
  readonly answered: (status: number) => void;
}

/** The HTTP API of the stack. */
export interface HttpFront extends LocalServer {
  /** Until then every request is answered 503. */
  readonly serve: (routes: readonly RouteSpec[]) => void;
}

/** API Gateway's limit for an HTTP API. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** Listens before there is anything to serve, so that functions and resources can be told the address. */
export async function startHttpFront(port: number, deps: HttpFrontDeps): Promise<HttpFront> {
  let routes: readonly RouteSpec[] | undefined;
  const server = await listenOnLoopback((request, response) => {
    handle(request, routes, deps)
      .catch(() => gatewayAnswer(500, 'Internal Server Error'))
      .then(
        (answer) => {
          deps.answered(answer.status);
          send(response, answer);
        },
        () => response.destroy(),
      );
  }, port);
  return {
    ...server,
    serve: (served) => {
      routes = served;
    },
  };
}

async function handle(
  request: IncomingMessage,
  routes: readonly RouteSpec[] | undefined,
  deps: HttpFrontDeps,
): Promise<HttpAnswer> {
  const body = await readLimited(request);
  if (!body) return gatewayAnswer(413, 'Request Entity Too Large');
  if (!routes) return gatewayAnswer(503, 'Service Unavailable');
  const { method = 'GET', url: target = '/' } = request;
  const match = matchRoute(routes, method, splitTarget(target).path);
  if (!match) return gatewayAnswer(404, 'Not Found');
  const event = httpEvent({
    request: {
      method,
      target,
      httpVersion: request.httpVersion,
      rawHeaders: request.rawHeaders,
      remoteAddress: request.socket.remoteAddress ?? '',
      body,
    },
    routeKey: match.route.key,
    pathParameters: match.pathParameters,
    requestId: randomUUID(),
    now: deps.now(),
  });
  return integrate(match.route, JSON.stringify(event), deps);
}

async function integrate(
  { functionName, timeoutMillis }: RouteSpec,
  event: string,
  deps: HttpFrontDeps,
): Promise<HttpAnswer> {
  const timer = Promise.withResolvers<undefined>();
  const timeout = setTimeout(() => timer.resolve(undefined), timeoutMillis);
  const result = await Promise.race([deps.invoke(functionName, event), timer.promise]);
  clearTimeout(timeout);
  if (!result) return gatewayAnswer(503, 'Service Unavailable');
  switch (result.outcome) {
    case 'returned':
      return httpAnswer(result.payload);
    case 'failed':
      return gatewayAnswer(500, 'Internal Server Error');
    case 'throttled':
      return gatewayAnswer(429, 'Too Many Requests');
    case 'too-large':
      return gatewayAnswer(413, 'Request Entity Too Large');
  }
}

/** Reads on past the limit without keeping it, so that the client hears the answer. */
async function readLimited(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk as Buffer);
  }
  return bytes <= MAX_BODY_BYTES ? Buffer.concat(chunks) : undefined;
}

function send(response: ServerResponse, { status, headers, body }: HttpAnswer): void {
  response.writeHead(status, { ...headers, 'content-length': body.length });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
