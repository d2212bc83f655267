import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { crmAnswer, parseBehaviour } from './crm-behaviour.ts';
import type { CrmBehaviour } from './crm-behaviour.ts';
import { deliveriesOf } from './crm-deliveries.ts';
import type { CrmDelivery, CrmRequest } from './crm-deliveries.ts';

/** A CRM's webhook on the loopback interface. Every path takes deliveries but those that begin with `/__`. */
export interface CrmEndpoint {
  readonly url: string;
  readonly deliveries: () => readonly CrmDelivery[];
  /** For requests that come from now on. */
  readonly setBehaviour: (behaviour: CrmBehaviour) => void;
  /** Also drops requests that still wait for their answer. */
  readonly close: () => Promise<void>;
}

/** How the endpoint begins. */
export interface CrmEndpointOptions {
  readonly now: () => Date;
  /** Default: up. */
  readonly behaviour?: CrmBehaviour;
}

interface CrmState {
  behaviour: CrmBehaviour;
  readonly requests: CrmRequest[];
  readonly now: () => Date;
}

/** Starts a CRM's webhook that records what it gets and misbehaves as told, here or by HTTP. */
export async function startCrmEndpoint({
  now,
  behaviour = { behaviour: 'up' },
}: CrmEndpointOptions): Promise<CrmEndpoint> {
  const state: CrmState = { behaviour, requests: [], now };
  const server = createServer((request, response) => {
    take(request, response, state).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    deliveries: () => deliveriesOf(state.requests),
    setBehaviour: (next) => {
      state.behaviour = next;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function take(request: IncomingMessage, response: ServerResponse, state: CrmState): Promise<void> {
  const body = await text(request);
  if (request.url?.startsWith('/__')) control(request, body, response, state);
  else deliver(request, body, response, state);
}

function deliver(request: IncomingMessage, body: string, response: ServerResponse, state: CrmState): void {
  const { status, headers, delayMillis } = crmAnswer(state.behaviour);
  const order = state.requests.length + 1;
  const record = (given: CrmRequest['status']): void => {
    state.requests[order - 1] = { ...received, status: given };
  };
  const received = {
    order,
    receivedAt: state.now().toISOString(),
    path: request.url ?? '',
    headers: request.headers,
    body,
  };
  record('none');
  if (status === 'none') return void request.socket.destroy();
  const answer = (): void => {
    // Who has hung up meanwhile gets no answer.
    if (response.destroyed) return;
    record(status);
    response.writeHead(status, headers).end();
  };
  if (delayMillis === 0) return answer();
  const timer = setTimeout(answer, delayMillis);
  response.once('close', () => clearTimeout(timer));
}

/** `GET /__deliveries`, `GET /__behaviour`, `POST /__behaviour`, for whoever did not start the endpoint. */
function control(request: IncomingMessage, body: string, response: ServerResponse, state: CrmState): void {
  const send = (status: number, answer: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  };
  if (!isFromTool(request))
    return send(403, { error: 'only tools on this machine are answered, no web pages' });
  switch (`${request.method} ${request.url}`) {
    case 'GET /__deliveries':
      return send(200, deliveriesOf(state.requests));
    case 'GET /__behaviour':
      return send(200, state.behaviour);
    case 'POST /__behaviour':
      try {
        state.behaviour = parseBehaviour(body);
        return send(200, state.behaviour);
      } catch (error) {
        return send(400, { error: error instanceof Error ? error.message : String(error) });
      }
    default:
      return send(404, { error: 'there are GET /__deliveries, GET /__behaviour and POST /__behaviour' });
  }
}

/** A page in a browser could otherwise read the deliveries by rebinding a name. */
function isFromTool({ headers }: IncomingMessage): boolean {
  return headers.origin === undefined && /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(headers.host ?? '');
}
