import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import type { Service } from './operation.ts';

/** The services of a stack that a proxy can stand before. */
export type ProxiedService = Extract<Service, 'sqs' | 'dynamodb' | 's3' | 'events' | 'secretsmanager'>;

/** The variable by which the SDK finds each. */
const ENDPOINT_VARIABLES: Readonly<Record<ProxiedService, string>> = {
  sqs: 'AWS_ENDPOINT_URL_SQS',
  dynamodb: 'AWS_ENDPOINT_URL_DYNAMODB',
  s3: 'AWS_ENDPOINT_URL_S3',
  events: 'AWS_ENDPOINT_URL_EVENTBRIDGE',
  secretsmanager: 'AWS_ENDPOINT_URL_SECRETS_MANAGER',
};

/** Proxies between one function and AWS. */
export interface FunctionProxies {
  readonly proxies: ReadonlyMap<ProxiedService, FaultProxy>;
  /** What takes the place of the function's own variables. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Starts a proxy before each service of a function. A queue's URL wins over the endpoint variable, so it is rewritten too. */
export async function startFunctionProxies(
  own: Readonly<Record<string, string>>,
  endpoints: Readonly<Record<ProxiedService, string>>,
): Promise<FunctionProxies> {
  const proxies = new Map<ProxiedService, FaultProxy>();
  const variables: Record<string, string> = {};
  for (const [service, variable] of Object.entries(ENDPOINT_VARIABLES) as [ProxiedService, string][]) {
    const proxy = await startFaultProxy({ target: endpoints[service] });
    proxies.set(service, proxy);
    variables[variable] = proxy.url;
    if (service !== 'sqs') continue;
    for (const [name, value] of Object.entries(own)) {
      if (name.endsWith('_QUEUE_URL')) variables[name] = proxy.rewriteQueueUrl(value);
      if (name.endsWith('_QUEUE_URLS')) variables[name] = rewrittenMap(value, proxy.rewriteQueueUrl);
    }
  }
  return { proxies, variables };
}

/** JSON: a name for each queue → its URL. */
const rewrittenMap = (json: string, rewrite: (url: string) => string): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(JSON.parse(json) as Record<string, string>).map(([name, url]) => [name, rewrite(url)]),
    ),
  );
