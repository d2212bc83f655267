import { request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { checkEndpoint, isLoopback } from './check-endpoint.ts';
import type { EndpointOptions } from './check-endpoint.ts';
import { EgressRefusedError, EgressUnavailableError } from './egress-error.ts';

/** One request to an address that comes from data or configuration. */
export interface GuardedRequest {
  readonly url: string;
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** For all of it: name, connection, request and answer. */
  readonly timeoutMillis: number;
  /** A longer answer is refused as soon as it turns out to be longer. */
  readonly maxAnswerBytes: number;
  /** Ends the request, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What came back, whatever its status: a redirect too is an answer and is not followed. */
export interface GuardedAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

export interface EgressDeps extends EndpointOptions {
  /** How names become addresses. Default: the system's way. */
  readonly lookup?: LookupFunction;
}

/** What the filtering agent says when it refuses; it throws no class of its own. */
const FILTERED = /is not allowed\. Because/;

/** With the URL's host checked to be loopback, the only addresses it can lead to. */
const LOOPBACK_ADDRESSES = ['127.0.0.1', '::1'];

/**
 * Makes one request, unless the URL or any address that its host resolves to is not of the public internet.
 * The address that is checked is the one that is connected to, so a name that changes its mind gains nothing.
 *
 * @throws EgressRefusedError when the address must be changed
 * @throws EgressUnavailableError when trying again later may help
 * @throws TypeError when a header cannot be sent
 */
export async function guardedRequest(input: GuardedRequest, deps: EgressDeps = {}): Promise<GuardedAnswer> {
  const problem = checkEndpoint(input.url, deps);
  if (problem !== undefined) throw new EgressRefusedError(`the URL ${problem}`);
  input.signal?.throwIfAborted();
  const url = new URL(input.url);
  const timeout = AbortSignal.timeout(input.timeoutMillis);
  const signal = AbortSignal.any([timeout, ...(input.signal ? [input.signal] : [])]);
  const outgoing = open(url, input, deps, signal);
  try {
    const answer = await answerTo(outgoing, input.body);
    const body = await readBounded(answer, input.maxAnswerBytes, url);
    return { status: answer.statusCode ?? 0, headers: answer.headers, body };
  } catch (error) {
    input.signal?.throwIfAborted();
    if (error instanceof EgressRefusedError) throw error;
    if (timeout.aborted)
      throw new EgressUnavailableError(`${url.host} did not answer within ${input.timeoutMillis} ms`);
    throw translated(error, url);
  }
}

/** @throws TypeError when a header cannot be sent */
export function open(
  url: URL,
  { method, headers = {} }: Pick<GuardedRequest, 'method' | 'headers'>,
  { lookup }: EgressDeps,
  signal: AbortSignal,
): ClientRequest {
  const isTls = url.protocol === 'https:';
  const filter = isLoopback(url) ? { allowIPAddressList: LOOPBACK_ADDRESSES } : {};
  const agent = isTls ? new RequestFilteringHttpsAgent(filter) : new RequestFilteringHttpAgent(filter);
  const options = { method, headers: { ...headers }, agent, signal, ...(lookup && { lookup }) };
  return (isTls ? httpsRequest : httpRequest)(url, options);
}

/** Sends the request; resolves with the head of its answer. */
export function answerTo(
  outgoing: ClientRequest,
  body: string | Uint8Array | undefined,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

async function readBounded(answer: IncomingMessage, maxBytes: number, { host }: URL): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer) {
    if (!(chunk instanceof Uint8Array)) continue;
    bytes += chunk.byteLength;
    // Leaving the loop destroys the answer, and with it the connection.
    if (bytes > maxBytes) throw new EgressRefusedError(`${host} answered with more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The cause is left out: an HTTP parser's error holds what was received. */
export function translated(error: unknown, { host }: URL): Error {
  if (FILTERED.test(propertyOf(error, 'message') ?? ''))
    return new EgressRefusedError(
      `${host} does not resolve to the public internet but to a private, loopback, link-local or metadata address`,
    );
  return new EgressUnavailableError(
    `${host} could not be reached (${propertyOf(error, 'code') ?? 'connection error'})`,
  );
}

function propertyOf(error: unknown, key: 'message' | 'code'): string | undefined {
  if (typeof error !== 'object' || error === null || !(key in error)) return undefined;
  const { [key]: value }: { message?: unknown; code?: unknown } = error;
  return typeof value === 'string' ? value : undefined;
}
