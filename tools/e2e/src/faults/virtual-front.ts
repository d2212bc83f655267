import type { DescribedStage } from '@aftercall/local';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Ended } from './container.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What the front answers. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** An answer of the function itself; `none` when the front had to answer in its place. */
export interface FrontAnswer {
  readonly status: number | 'none';
  readonly millis: number;
}

export interface VirtualFront {
  readonly answers: readonly FrontAnswer[];
  request(url: string, headers: Readonly<Record<string, string>>, body: Buffer): Promise<Answer>;
}

const ROUTE = 'POST /webhooks/{source}';

/** The HTTP API before ingest: payload format 2.0, and the integration's time-out. */
export function virtualFront(
  { routes }: DescribedStage['runtime'],
  invoke: (functionName: string, event: unknown) => Promise<Ended>,
  time: VirtualTime,
): VirtualFront {
  const route = routes.find(({ key }) => key === ROUTE);
  if (!route) throw new Error(`the stage has no route ${ROUTE}`);
  const answers: FrontAnswer[] = [];
  return {
    answers,
    request: async (url, headers, body) => {
      const startedMillis = time.nowMillis();
      const event = eventOf(new URL(url).pathname, headers, body, time);
      const late = new Promise<'late'>((resolve) => time.after(route.timeoutMillis, () => resolve('late')));
      const ended = await Promise.race([invoke(route.functionName, event), late]);
      const millis = time.nowMillis() - startedMillis;
      if (ended === 'late' || ended.outcome !== 'returned') {
        answers.push({ status: 'none', millis });
        return ended === 'late' ? UNAVAILABLE : FAILED;
      }
      const { statusCode = 200, body: text = '' } = ended.value as APIGatewayProxyStructuredResultV2;
      answers.push({ status: statusCode, millis });
      return { status: statusCode, body: text };
    },
  };
}

const UNAVAILABLE: Answer = { status: 503, body: '{"message":"Service Unavailable"}' };
const FAILED: Answer = { status: 500, body: '{"message":"Internal Server Error"}' };

function eventOf(
  path: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
  time: VirtualTime,
): APIGatewayProxyEventV2 {
  return {
    version: '2.0',
    routeKey: ROUTE,
    rawPath: path,
    rawQueryString: '',
    headers,
    pathParameters: { source: path.split('/').at(-1) ?? '' },
    requestContext: {
      accountId: '000000000000',
      apiId: 'virtual',
      domainName: 'stage.invalid',
      domainPrefix: 'stage',
      http: { method: 'POST', path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'virtual' },
      requestId: `request-${time.nowMillis()}`,
      routeKey: ROUTE,
      stage: '$default',
      time: time.now().toUTCString(),
      timeEpoch: time.nowMillis(),
    },
    body: body.toString(),
    isBase64Encoded: false,
  };
}
