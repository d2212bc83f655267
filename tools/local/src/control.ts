import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AlarmView } from './alarms/play-alarms.ts';
import { readBody } from './aws/json-target-server.ts';
import { listenOnLoopback } from './aws/listen.ts';
import type { Services } from './aws/embedded-aws.ts';
import type { LocalServer } from './aws/listen.ts';
import type { LocalSource } from './local-json.ts';
import { SourceError } from './sources.ts';

export interface ControlDeps {
  readonly pid: number;
  readonly sources: () => readonly LocalSource[];
  readonly addSource: (input: Pick<LocalSource, 'key' | 'scheme'>) => Promise<LocalSource>;
  /** Of the embedded AWS; none where another one plays. */
  readonly services: Services;
  readonly alarms: () => readonly AlarmView[];
  /** Reads the sources' secrets anew, after a rotation. */
  readonly refreshSources: () => Promise<readonly LocalSource[]>;
  /** Begins to stop the stack; the answer goes out first. */
  readonly stop: () => void;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Where tools give a running stack orders. */
export function startControl(deps: ControlDeps): Promise<LocalServer> {
  return listenOnLoopback((request, response) => {
    answer(request, deps)
      .catch((error: unknown): Answer => ({ status: 500, body: { error: String(error) } }))
      .then(
        (result) => send(response, result),
        () => response.destroy(),
      );
  }, 0);
}

async function answer(request: IncomingMessage, deps: ControlDeps): Promise<Answer> {
  if (!isFromTool(request))
    return { status: 403, body: { error: 'only tools on this machine are answered, no web pages' } };
  const operation = `${request.method} ${request.url}`;
  const [, service, order] = /^POST \/services\/([^/]+)\/(stop|start)$/.exec(operation) ?? [];
  if (service !== undefined) return switchService(service, order as ServiceOrder, deps);
  switch (operation) {
    case 'GET /':
      return { status: 200, body: { pid: deps.pid } };
    case 'GET /services':
      return { status: 200, body: statesOf(deps.services) };
    case 'GET /alarms':
      return { status: 200, body: deps.alarms() };
    case 'GET /sources':
      return { status: 200, body: deps.sources() };
    case 'POST /sources':
      return addSource(request, deps);
    case 'POST /sources/refresh':
      return { status: 200, body: await deps.refreshSources() };
    case 'POST /stop':
      setImmediate(deps.stop);
      return { status: 202, body: { pid: deps.pid, status: 'stopping' } };
    default:
      return {
        status: 404,
        body: {
          error: `no ${operation}: there are GET /sources, POST /sources {"key","scheme"}, POST /sources/refresh, GET /alarms, GET /services, POST /services/{service}/stop or …/start, and POST /stop`,
        },
      };
  }
}

type ServiceOrder = 'stop' | 'start';

const statesOf = (services: Services): Record<string, 'running' | 'stopped'> =>
  Object.fromEntries(
    Object.entries(services).map(([name, service]) => [name, service.isRunning() ? 'running' : 'stopped']),
  );

async function switchService(name: string, order: ServiceOrder, { services }: ControlDeps): Promise<Answer> {
  const known = Object.entries(services);
  if (known.length === 0)
    return { status: 409, body: { error: 'another AWS plays here: its services are stopped there' } };
  const service = known.find(([one]) => one === name)?.[1];
  if (!service) {
    const names = known.map(([one]) => one).join(', ');
    return { status: 404, body: { error: `there is no service ${name}: there are ${names}` } };
  }
  await service[order]();
  return { status: 200, body: { service: name, status: service.isRunning() ? 'running' : 'stopped' } };
}

/** A page in a browser could otherwise stop the stack or, by rebinding a name, read its secrets. */
function isFromTool({ headers }: IncomingMessage): boolean {
  return headers.origin === undefined && /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(headers.host ?? '');
}

async function addSource(request: IncomingMessage, deps: ControlDeps): Promise<Answer> {
  try {
    const input = JSON.parse((await readBody(request)).toString('utf8')) as Pick<
      LocalSource,
      'key' | 'scheme'
    >;
    return { status: 201, body: await deps.addSource(input) };
  } catch (error) {
    if (error instanceof SourceError) return { status: 400, body: { error: error.message } };
    if (error instanceof SyntaxError || error instanceof TypeError)
      return { status: 400, body: { error: 'a JSON object {"key","scheme"} is wanted' } };
    throw error;
  }
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
