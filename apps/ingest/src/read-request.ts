import type { APIGatewayProxyEvent, APIGatewayProxyEventV2 } from 'aws-lambda';

export type ApiEvent = APIGatewayProxyEvent | APIGatewayProxyEventV2;

/** An HTTP request in one form, whatever payload format API Gateway sent. */
export interface HttpRequest {
  readonly method: string;
  readonly sourceKey: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  readonly requestId: string;
  /** When API Gateway took the request in. */
  readonly receivedAt: Date | undefined;
}

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
export function readRequest(event: ApiEvent): HttpRequest {
  return 'httpMethod' in event ? fromFormat1(event) : fromFormat2(event);
}

function fromFormat1(event: APIGatewayProxyEvent): HttpRequest {
  const { requestId, requestTimeEpoch } = event.requestContext;
  return {
    method: event.httpMethod,
    sourceKey: event.pathParameters?.['source'] ?? '',
    headers: lowerCased({ ...event.headers, ...joined(event.multiValueHeaders) }),
    body: bytesOf(event),
    requestId,
    receivedAt: timeOf(requestTimeEpoch),
  };
}

function fromFormat2(event: APIGatewayProxyEventV2): HttpRequest {
  const { http, requestId, timeEpoch } = event.requestContext;
  return {
    method: http.method,
    sourceKey: event.pathParameters?.['source'] ?? '',
    headers: lowerCased(event.headers),
    body: bytesOf(event),
    requestId,
    receivedAt: timeOf(timeEpoch),
  };
}

const timeOf = (epochMillis: number | undefined): Date | undefined =>
  Number.isFinite(epochMillis) ? new Date(Number(epochMillis)) : undefined;

/** The bytes as they came over the wire: signatures are made over these, not over a string of ours. */
const bytesOf = ({ body, isBase64Encoded }: { body?: string | null; isBase64Encoded: boolean }): Uint8Array =>
  Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8');

function joined(headers: APIGatewayProxyEvent['multiValueHeaders'] | null): Record<string, string> {
  const present = Object.entries(headers ?? {}).flatMap(([name, values]) =>
    values ? [[name, values.join(', ')] as const] : [],
  );
  return Object.fromEntries(present);
}

function lowerCased(headers: HttpRequest['headers'] | null | undefined): HttpRequest['headers'] {
  const lowered = new Map<string, string | undefined>();
  for (const name in headers) lowered.set(name.toLowerCase(), headers[name]);
  return Object.fromEntries(lowered);
}
