import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { ACCOUNT } from '../aws/identity.ts';
import type { PathParameters } from './routes.ts';

/** A request as node:http has it, body read. */
export interface HttpRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  readonly httpVersion: string;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly remoteAddress: string;
  readonly body: Buffer;
}

export interface HttpEventInput {
  readonly request: HttpRequest;
  readonly routeKey: string;
  readonly pathParameters: PathParameters;
  readonly requestId: string;
  readonly now: Date;
}

/** Bodies of these types travel as text; all others as base64. */
const TEXT_TYPES = /^(text\/|application\/(json|xml|javascript)\b|[^;]+\+(json|xml)\b)/i;

/**
 * A request as an HTTP API hands it to a function, payload format 2.0.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function httpEvent({
  request,
  routeKey,
  pathParameters,
  requestId,
  now,
}: HttpEventInput): APIGatewayProxyEventV2 {
  const { path, query } = splitTarget(request.target);
  const { cookie, ...headers } = joinedHeaders(request.rawHeaders);
  const isText = TEXT_TYPES.test(headers['content-type'] ?? '');
  const queryStringParameters = joinedQuery(query);
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookie !== undefined && { cookies: cookie.split(/[;,] */) }),
    headers: { ...headers, 'x-forwarded-for': request.remoteAddress, 'x-forwarded-proto': 'http' },
    ...(Object.keys(queryStringParameters).length > 0 && { queryStringParameters }),
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    requestContext: requestContext({ request, path, headers, routeKey, requestId, now }),
    ...(request.body.length > 0 && { body: request.body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: request.body.length > 0 && !isText,
  };
}

function requestContext({
  request,
  path,
  headers,
  routeKey,
  requestId,
  now,
}: Omit<HttpEventInput, 'pathParameters'> & {
  path: string;
  headers: Readonly<Record<string, string>>;
}): APIGatewayProxyEventV2['requestContext'] {
  return {
    accountId: ACCOUNT,
    apiId: 'local',
    domainName: headers['host'] ?? '127.0.0.1',
    domainPrefix: 'local',
    http: {
      method: request.method,
      path,
      protocol: `HTTP/${request.httpVersion}`,
      sourceIp: request.remoteAddress,
      userAgent: headers['user-agent'] ?? '',
    },
    requestId,
    routeKey,
    stage: '$default',
    time: commonLogTime(now),
    timeEpoch: now.getTime(),
  };
}

/** The part before the first `?` and the part after it. */
export function splitTarget(target: string): { path: string; query: string } {
  const [path = '/', ...rest] = target.split('?');
  return { path, query: rest.join('?') };
}

/** Names in lower case, several values of one name joined by a comma. */
function joinedHeaders(raw: readonly string[]): Record<string, string> {
  const joined = new Map<string, string>();
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase();
    const value = raw[index + 1] ?? '';
    const present = joined.get(name);
    joined.set(name, present === undefined ? value : `${present},${value}`);
  }
  return Object.fromEntries(joined);
}

function joinedQuery(query: string): Record<string, string> {
  const joined = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const present = joined.get(name);
    joined.set(name, present === undefined ? value : `${present},${value}`);
  }
  return Object.fromEntries(joined);
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** e.g. `22/Nov/2026:01:25:00 +0000` */
function commonLogTime(date: Date): string {
  const day = String(date.getUTCDate()).padStart(2, '0');
  return `${day}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${date.toISOString().slice(11, 19)} +0000`;
}

/** What goes back to the client. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer;
}

/** An answer of the HTTP API itself, in its own words. */
export function gatewayAnswer(status: number, message: string): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ message })),
  };
}

/** A function's answer, payload format 2.0. Without a `statusCode` the whole result is a JSON body. */
export function httpAnswer(payload: string): HttpAnswer {
  const result = JSON.parse(payload) as unknown;
  const isStructured = typeof result === 'object' && result !== null && 'statusCode' in result;
  if (!isStructured)
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(textOf(result, payload)),
    };
  const {
    statusCode,
    headers = {},
    cookies,
    body = '',
    isBase64Encoded,
  } = result as {
    statusCode: unknown;
    headers?: Record<string, unknown>;
    cookies?: string[];
    body?: unknown;
    isBase64Encoded?: boolean;
  };
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599)
    return gatewayAnswer(500, 'Internal Server Error');
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)] as const);
  return {
    status,
    headers: {
      'content-type': 'text/plain;charset=UTF-8',
      ...Object.fromEntries(named),
      ...(cookies && { 'set-cookie': cookies }),
    },
    body: Buffer.from(textOf(body, JSON.stringify(body)), isBase64Encoded ? 'base64' : 'utf8'),
  };
}

function textOf(value: unknown, json: string): string {
  return typeof value === 'string' ? value : json;
}
