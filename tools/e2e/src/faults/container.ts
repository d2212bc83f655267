import type { LoadCode, Surroundings } from './function-code.ts';
import type { Caller, MakeCall, Patience, Service } from './outgoing-calls.ts';
import { errorClass } from './service-error.ts';
import { surroundings } from './surroundings.ts';
import type { VirtualTime } from './virtual-time.ts';

/** How an invocation ended; `died`: it did not, the container is gone. */
export type Ended =
  | { readonly outcome: 'returned'; readonly value: unknown }
  | { readonly outcome: 'threw'; readonly error: unknown }
  | { readonly outcome: 'died' };

/** An execution environment of a function: one invocation at a time, and what the code holds lives as long as it. */
export interface Container extends Caller {
  isIdle(): boolean;
  invoke(event: unknown): Promise<Ended>;
}

export interface ContainerDeps {
  readonly app: string;
  readonly load: LoadCode;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly time: VirtualTime;
  readonly random: () => number;
  readonly call: MakeCall;
  readonly write: (line: string) => void;
}

type Handler = (event: unknown, context: object) => Promise<unknown>;

/** Starts a container. @throws what the code throws while it loads */
export async function startContainer(deps: ContainerDeps): Promise<Container> {
  const { app, time, timeoutSeconds } = deps;
  const died = Promise.withResolvers<Ended>();
  let isAlive = true;
  let isBusy = false;
  const caller: Caller = {
    app,
    isAlive: () => isAlive,
    kill: () => {
      isAlive = false;
      died.resolve({ outcome: 'died' });
    },
  };
  const { handler } = await deps.load(
    surroundings({
      ...deps,
      isAlive: caller.isAlive,
      outside: outsideOf(caller, deps),
      fetch: fetchOf(caller, deps),
    }),
  );
  return {
    ...caller,
    isIdle: () => isAlive && !isBusy,
    invoke: async (event) => {
      isBusy = true;
      const endMillis = time.nowMillis() + timeoutSeconds * 1000;
      const forget = time.after(timeoutSeconds * 1000, caller.kill);
      const context = {
        getRemainingTimeInMillis: () => endMillis - time.nowMillis(),
        awsRequestId: 'virtual',
      };
      const ended = await Promise.race([died.promise, ending((handler as Handler)(event, context))]);
      forget();
      isBusy = false;
      return ended;
    },
  };
}

const ending = (running: Promise<unknown>): Promise<Ended> =>
  running.then(
    (value): Ended => ({ outcome: 'returned', value }),
    (error: unknown): Ended => ({ outcome: 'threw', error }),
  );

/** The modules whose only purpose is to make calls. */
function outsideOf(caller: Caller, deps: ContainerDeps): Surroundings['outside'] {
  return (module) =>
    new Proxy(
      {},
      {
        get: (_target, name) => (typeof name === 'string' ? exportOf(module, name, caller, deps) : undefined),
      },
    );
}

function exportOf(module: string, name: string, caller: Caller, { call }: ContainerDeps): unknown {
  if (name === 'createAwsJsonCall') return awsJsonCalls(caller, call);
  if (name === 'createS3Call') return s3Calls(caller, call);
  if (name === 'guardedDownload') return guardedDownload(caller, call);
  if (name === 'paginateQuery') return paginateQuery;
  if (name === 'DynamoDBDocumentClient') return { from: (client: object) => client };
  if (name.endsWith('Command')) return commandClass(name);
  if (name.endsWith('Client')) return clientClass(serviceOf(module), caller, call);
  // Names in lower case are what the module system itself asks for, such as `then`.
  return /^[A-Z]/.test(name) ? errorClass(name) : undefined;
}

const SERVICES: Readonly<Record<string, Service>> = {
  'client-sqs': 'sqs',
  'client-s3': 's3',
  'client-dynamodb': 'dynamodb',
  'client-eventbridge': 'events',
  'client-secrets-manager': 'secretsmanager',
  'client-ssm': 'ssm',
};

function serviceOf(module: string): Service {
  const service = SERVICES[module.replace('@aws-sdk/', '')];
  if (!service) throw new Error(`the virtual stage has no ${module}`);
  return service;
}

interface Command {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

const commandClass = (name: string) =>
  class implements Command {
    readonly operation = name.replace(/Command$/, '');
    readonly input: Command['input'];
    constructor(input: Command['input']) {
      this.input = input;
    }
  };

interface ClientConfig {
  readonly maxAttempts?: number;
  readonly requestHandler?: { readonly requestTimeout?: number };
}

/** The SDK's own, where a client says nothing. */
const DEFAULT_ATTEMPTS = 3;

/** What goes through a client's middleware, of the step that sees a call once, retries included. */
interface MiddlewareArguments {
  readonly input: Command['input'];
}
type Next = (args: MiddlewareArguments) => Promise<{ readonly output: object }>;
type Middleware = (next: Next) => Next;

const clientClass = (service: Service, caller: Caller, call: MakeCall) =>
  class {
    readonly patience: Patience;
    readonly middlewares: Middleware[] = [];
    readonly middlewareStack = {
      add: (middleware: Middleware) => void this.middlewares.push(middleware),
    };
    constructor({ maxAttempts = DEFAULT_ATTEMPTS, requestHandler }: ClientConfig = {}) {
      this.patience = { maxAttempts, attemptMillis: requestHandler?.requestTimeout ?? Infinity };
    }
    async send({ operation, input }: Command, { abortSignal }: { abortSignal?: AbortSignal } = {}) {
      const patience = { ...this.patience, signal: abortSignal };
      const make: Next = async (args) => ({
        output: await call(caller, { app: caller.app, service, operation, input: args.input }, patience),
      });
      const { output } = await this.middlewares.reduceRight(
        (next, middleware) => middleware(next),
        make,
      )({ input });
      return output;
    }
  };

/** One page is all there is. */
async function* paginateQuery(
  { client }: { client: { send(command: Command): Promise<object> } },
  input: Command['input'],
) {
  yield await client.send({ operation: 'Query', input });
}

/** What a call without the SDK is set up to. */
interface CallDeps {
  readonly maxAttempts: number;
  readonly timeoutMillis: number;
}

/** What functions call without the SDK. */
const awsJsonCalls =
  (caller: Caller, call: MakeCall) =>
  ({ name }: { name: Service }, { maxAttempts, timeoutMillis }: CallDeps) =>
  (operation: string, input: Command['input'], signal?: AbortSignal) =>
    call(
      caller,
      // As the SDK's document client names the operations of DynamoDB.
      { app: caller.app, service: name, operation: operation.replace(/Item$/, ''), input },
      { maxAttempts, attemptMillis: timeoutMillis, signal },
    );

/** The same for S3, whose objects come as bytes. */
const s3Calls =
  (caller: Caller, call: MakeCall) =>
  ({ maxAttempts, timeoutMillis }: CallDeps) =>
  async (operation: string, input: Command['input'], signal?: AbortSignal) => {
    const output: { Body?: { transformToByteArray(): Promise<Uint8Array> } } = await call(
      caller,
      { app: caller.app, service: 's3', operation, input },
      { maxAttempts, attemptMillis: timeoutMillis, signal },
    );
    return { ...output, ...(output.Body && { Body: await output.Body.transformToByteArray() }) };
  };

const guardedDownload =
  (caller: Caller, call: MakeCall) =>
  ({ url, signal, timeoutMillis }: { url: string; signal?: AbortSignal; timeoutMillis: number }) =>
    call(
      caller,
      { app: caller.app, service: 'transcripts', operation: 'Download', input: { url } },
      { maxAttempts: 1, attemptMillis: timeoutMillis, signal },
    );

/** The Platform API, and the login host. */
function fetchOf(caller: Caller, { call }: ContainerDeps): typeof fetch {
  return async (url, { method = 'GET', headers, body, signal } = {}) => {
    const input = { url: url as string, method, headers, body };
    const operation = `${method} ${new URL(input.url).pathname.replace(/[0-9a-f-]{36}/g, '…')}`;
    const answer = await call(
      caller,
      { app: caller.app, service: 'genesys', operation, input },
      { maxAttempts: 1, attemptMillis: Infinity, signal: signal ?? undefined },
    );
    const {
      status,
      headers: sent,
      text,
    } = answer as { status: number; headers: Record<string, string>; text: string };
    return responseOf(status, new Headers(sent), text);
  };
}

/** Not the machine's own, whose streams take their time. */
const responseOf = (status: number, headers: Headers, text: string): Response =>
  ({ status, ok: status < 300, headers, body: text === '' ? null : pieces(text) }) as unknown as Response;

async function* pieces(text: string) {
  yield Buffer.from(text);
}
