import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

import { answerThrottled, answerUnavailable } from './error-answer.ts';
import { createForwarder } from './forward.ts';
import type { Forwarder } from './forward.ts';
import { operationOf } from './operation.ts';
import type { Operation } from './operation.ts';
import { splitBatch } from './partial-batch.ts';
import { createRules } from './rule.ts';
import type { Fault, Rule } from './rule.ts';

/** One call that arrived, whatever became of it. An SDK that retries makes several. */
export interface Call extends Operation {
  readonly at: Date;
  /** How it was broken, if it was. */
  readonly fault?: Fault['kind'];
}

/** A running proxy in front of one endpoint. */
export interface FaultProxy {
  /** What a client takes as its endpoint in place of the target. */
  readonly url: string;
  /** In the order of arrival. */
  readonly calls: readonly Call[];
  /** How many calls of this operation arrived, or of all operations. */
  count(operation?: string): number;
  /** Forgets calls and rules. */
  reset(): void;
  /** Breaks calls from now on; gives back the function that takes the rule away. */
  fail(rule: Rule): () => void;
  /** The same queue behind this proxy: the SDK calls a queue URL's own host, whatever endpoint it was given. */
  rewriteQueueUrl(queueUrl: string): string;
  /** Ends every connection, those that hang included. */
  stop(): Promise<void>;
}

/** Where to listen and what stands behind. */
export interface FaultProxyOptions {
  /** Address of an AWS-compatible endpoint, plain HTTP. */
  readonly target: string;
  /** A free one by default. */
  readonly port?: number;
}

/** Starts a proxy on the loopback interface. */
export async function startFaultProxy({ target, port = 0 }: FaultProxyOptions): Promise<FaultProxy> {
  const targetUrl = plainHttp(target);
  const forwarder = createForwarder(targetUrl);
  const rules = createRules();
  const calls: Call[] = [];

  const server = createServer((request, response) => {
    const operation = operationOf(request);
    const fault = rules.faultOf(operation);
    calls.push({ ...operation, at: new Date(), ...(fault !== undefined && { fault: fault.kind }) });
    const exchange = { request, response, operation, forwarder };
    // A target that fails or a caller that leaves looks to the other side like a broken connection.
    handle(exchange, fault).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    calls,
    count: (operation) =>
      calls.filter((call) => operation === undefined || call.operation === operation).length,
    reset: () => {
      calls.length = 0;
      rules.clear();
    },
    fail: (rule) => rules.add(rule),
    rewriteQueueUrl: (queueUrl) => `${url}${new URL(queueUrl).pathname}`,
    stop: async () => {
      forwarder.stop();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly operation: Operation;
  readonly forwarder: Forwarder;
}

async function handle(exchange: Exchange, fault: Fault | undefined): Promise<void> {
  const { request, response, operation, forwarder } = exchange;
  switch (fault?.kind) {
    case undefined:
      return forwarder.pass(request, response);
    case 'crash-before':
      request.socket.destroy();
      return;
    case 'crash-after':
      await forwarder.perform(request);
      request.socket.destroy();
      return;
    case 'timeout':
      request.resume();
      return;
    case 'throttle':
      request.resume();
      return answerThrottled(response, operation);
    case 'unavailable':
      request.resume();
      return answerUnavailable(response, operation);
    case 'slow':
      await sleep(fault.delayMillis);
      return forwarder.pass(request, response);
    case 'partial':
      return failPartly(exchange, fault.entries);
  }
}

async function failPartly(
  { request, response, operation, forwarder }: Exchange,
  failing: readonly number[],
): Promise<void> {
  const batch = splitBatch(operation.operation, await json(request), failing);
  const contentType = request.headers['content-type'] ?? 'application/x-amz-json-1.0';
  if (batch.forwarded === undefined) {
    response.writeHead(200, { 'content-type': contentType }).end(JSON.stringify(batch.answer({})));
    return;
  }
  const answer = await forwarder.performWith(request, Buffer.from(JSON.stringify(batch.forwarded)));
  response.writeHead(answer.status, { 'content-type': answer.headers['content-type'] ?? contentType });
  const passed = answer.status !== 200;
  response.end(passed ? answer.body : JSON.stringify(batch.answer(JSON.parse(answer.body.toString()))));
}

function plainHttp(target: string): URL {
  const url = new URL(target);
  if (url.protocol !== 'http:') throw new Error(`the target must be plain HTTP, not ${url.protocol}//`);
  return url;
}
