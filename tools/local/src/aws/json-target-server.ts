import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { listenOnLoopback } from './listen.ts';
import type { StoppableServer } from './listen.ts';

/** What an AWS service answers when it refuses; `code` is the exception's name in that service's API. */
export class AwsError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'AwsError';
    this.code = code;
  }
}

/** One operation per name, each with the request's JSON as its only argument. */
export type Actions = Readonly<Record<string, (input: never) => unknown>>;

/** Serves an AWS API of the JSON protocol: the operation is in `X-Amz-Target`, input and output are JSON. */
export function serveActions(service: string, actions: Actions): Promise<StoppableServer> {
  return listenOnLoopback((request, response) => {
    answer(service, actions, request, response).catch((error: unknown) => {
      reply(response, 500, { __type: 'InternalFailure', message: `${service}: ${String(error)}` });
    });
  }, 0);
}

async function answer(
  service: string,
  actions: Actions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const action =
    String(request.headers['x-amz-target'] ?? '')
      .split('.')
      .at(-1) ?? '';
  const body = await readBody(request);
  try {
    reply(response, 200, (await perform(service, actions, action, body)) ?? {});
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    reply(response, 400, { __type: error.code, message: error.message, Message: error.message });
  }
}

function perform(service: string, actions: Actions, action: string, body: Buffer): unknown {
  const operation = Object.hasOwn(actions, action) ? actions[action] : undefined;
  if (!operation)
    throw new AwsError(
      'UnknownOperationException',
      `the local ${service} has no ${action || 'operation without X-Amz-Target'}`,
    );
  return (operation as (input: unknown) => unknown)(parse(body));
}

function parse(body: Buffer): unknown {
  try {
    return body.length === 0 ? {} : JSON.parse(body.toString('utf8'));
  } catch {
    throw new AwsError('SerializationException', 'the request is not JSON');
  }
}

/** Reads a request to its end. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) return;
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.1',
    'x-amzn-requestid': randomUUID(),
  });
  response.end(JSON.stringify(body));
}
