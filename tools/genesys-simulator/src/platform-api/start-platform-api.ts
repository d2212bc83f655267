import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { isControl, runControl } from './platform-control.ts';
import type { ApiAnswer, ApiRequest } from './platform-messages.ts';
import type { PlatformOptions } from './platform-options.ts';
import { createPlatform, type Platform, type PlatformControls } from './platform.ts';

/** Genesys Cloud on the loopback interface: OAuth, the Platform API, and a host for transcripts. */
export interface PlatformApi extends PlatformControls {
  /** Base URL of the login host: tokens come from `/oauth/token` below it. */
  readonly login: string;
  /** Base URL of the Platform API: `/api/v2` is below it. */
  readonly api: string;
  /** Base URL that presigned URLs have. */
  readonly transcripts: string;
  /** Also drops connections that still wait for an answer. */
  close(): Promise<void>;
}

/** @param options also decide on which port the API listens; default: a free one */
export async function startPlatformApi(
  options: PlatformOptions & { readonly port?: number },
): Promise<PlatformApi> {
  let transcripts = '';
  const platform = createPlatform(options, () => transcripts);
  const apiServer = createServer((request, response) => {
    answerApi(request, response, platform).catch(() => request.socket.destroy());
  });
  const transcriptServer = createServer((request, response) => {
    answerTranscript(request, response, platform).catch(() => request.socket.destroy());
  });
  const api = await listen(apiServer, options.port ?? 0);
  transcripts = await listen(transcriptServer, 0);
  return {
    ...platform,
    login: api,
    api,
    transcripts,
    close: async () => void (await Promise.all([close(apiServer), close(transcriptServer)])),
  };
}

async function answerApi(
  request: IncomingMessage,
  response: ServerResponse,
  platform: Platform,
): Promise<void> {
  const body = await text(request);
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (isControl(pathname)) return send(response, runControl(request, body, platform), platform);
  const answer = platform.answer({
    method: request.method ?? '',
    path: pathname,
    query: searchParams,
    headers: request.headers as ApiRequest['headers'],
    body,
  });
  if (answer === 'hang') return;
  if (answer === 'reset') return void request.socket.destroy();
  if (answer === 'half-json') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"conversation', () => request.socket.destroy());
    return;
  }
  send(response, answer, platform);
}

function send(response: ServerResponse, { status, headers = {}, body }: ApiAnswer, platform: Platform): void {
  const isPage = headers['content-type']?.startsWith('text/html') === true;
  const json = body === undefined ? '' : JSON.stringify(body);
  const content = isPage && typeof body === 'string' ? body : json;
  response.writeHead(status, {
    date: platform.now().toUTCString(),
    ...(content !== '' && { 'content-type': 'application/json' }),
    ...headers,
  });
  // An announced length that never comes keeps the connection open.
  if (headers['content-length'] === undefined) response.end(content);
  else response.write(content);
}

async function answerTranscript(
  request: IncomingMessage,
  response: ServerResponse,
  platform: Platform,
): Promise<void> {
  const answer = platform.transcript({
    url: request.url ?? '/',
    headers: request.headers as ApiRequest['headers'],
  });
  if (answer === 'stall') return;
  response.writeHead(answer.status, { date: platform.now().toUTCString(), ...answer.headers });
  await pipeline(answer.body, response, { end: answer.ending === 'complete' });
  if (answer.ending === 'reset') request.socket.destroy();
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
