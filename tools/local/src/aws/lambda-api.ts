import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { functionIn } from '../apply/local-resources.ts';
import type { Invoke } from './function-calls.ts';
import { arn } from './identity.ts';
import { AwsError, readBody } from './json-target-server.ts';
import { listenOnLoopback } from './listen.ts';
import type { LocalServer } from './listen.ts';

/** The functions, as far as they are called and configured. */
export interface ApiFunctions {
  readonly invoke: Invoke;
  /** The variables that a stack gave a function, or `undefined` when there is no such function. */
  readonly variablesOf: (name: string) => Readonly<Record<string, string>> | undefined;
  /** Replaces them; what is warm with the old ones ends with its call. */
  readonly configure: (name: string, variables: Readonly<Record<string, string>>) => void;
}

/** What was changed of a function, and is not in use before the alias points to it. */
interface Versions {
  unpublished?: Readonly<Record<string, string>>;
  readonly published: Readonly<Record<string, string>>[];
}

const FUNCTION = /^\/2015-03-31\/functions\/([^/]+)\/(configuration|versions|aliases\/live)$/;

/**
 * Lambda as far as `Invoke` and the variables of a function go: they are changed, published with a version, and in use
 * once the alias `live` points to it.
 */
export function startLambdaApi(functions: ApiFunctions): Promise<LocalServer> {
  const changed = new Map<string, Versions>();
  const versionsOf = (name: string): Versions => {
    const versions = changed.get(name) ?? { published: [] };
    changed.set(name, versions);
    return versions;
  };
  return listenOnLoopback((request, response) => {
    (INVOCATION.test(pathOf(request))
      ? invocation(request, response, functions)
      : configuration(request, response, { ...functions, versionsOf })
    ).catch((error: unknown) => {
      const known = error instanceof AwsError ? error : new AwsError('ServiceException', String(error));
      reply(response, STATUSES[known.code] ?? 500, { Message: known.message }, known.code);
    });
  }, 0);
}

const STATUSES: Readonly<Record<string, number>> = {
  InvalidParameterValueException: 400,
  ResourceNotFoundException: 404,
  RequestTooLargeException: 413,
  TooManyRequestsException: 429,
};

const INVOCATION = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

const pathOf = ({ url }: IncomingMessage): string => url?.split('?')[0] ?? '';

interface Functions extends ApiFunctions {
  readonly versionsOf: (name: string) => Versions;
}

const configuration = async (
  request: IncomingMessage,
  response: ServerResponse,
  functions: Functions,
): Promise<void> => reply(response, 200, await answer(request, functions));

/** A function that fails is an answer too, with a header that says so. */
async function invocation(
  request: IncomingMessage,
  response: ServerResponse,
  functions: ApiFunctions,
): Promise<void> {
  const body = await readBody(request);
  const name = functionIn(decodeURIComponent(INVOCATION.exec(pathOf(request))?.[1] ?? ''));
  if (!functions.variablesOf(name)) throw notFound(name);
  const result = await functions.invoke(name, body.toString('utf8'));
  if (result.outcome === 'throttled') throw new AwsError('TooManyRequestsException', 'Rate Exceeded.');
  if (result.outcome === 'too-large')
    throw new AwsError('RequestTooLargeException', 'the payload is larger than Lambda takes');
  const hasFailed = result.outcome === 'failed';
  response.writeHead(200, {
    'content-type': 'application/json',
    'x-amz-executed-version': '$LATEST',
    ...(hasFailed && { 'x-amz-function-error': 'Unhandled' }),
  });
  response.end(
    hasFailed
      ? JSON.stringify({ errorType: result.errorType, errorMessage: result.message })
      : result.payload,
  );
}

const notFound = (name: string): AwsError =>
  new AwsError('ResourceNotFoundException', `Function not found: ${arn('lambda', `function:${name}`)}`);

async function answer(request: IncomingMessage, functions: Functions): Promise<unknown> {
  const body = (await readBody(request)).toString('utf8');
  const [, encoded, what] = FUNCTION.exec(pathOf(request)) ?? [];
  if (encoded === undefined)
    throw new AwsError('ServiceException', `the local Lambda has no ${request.method} ${request.url}`);
  const name = decodeURIComponent(encoded).replace(/^arn:.*:function:/, '');
  const inUse = functions.variablesOf(name);
  if (!inUse) throw notFound(name);
  const versions = functions.versionsOf(name);
  const latest = versions.unpublished ?? inUse;
  switch (`${request.method} ${what}`) {
    case 'GET configuration':
      return described(name, latest);
    case 'PUT configuration':
      versions.unpublished = variablesIn(body);
      return described(name, versions.unpublished);
    case 'POST versions':
      versions.published.push(latest);
      return { ...described(name, latest), Version: String(versions.published.length) };
    case 'PUT aliases/live':
      return pointTo(JSON.parse(body) as { FunctionVersion?: string }, name, versions, functions);
    default:
      throw new AwsError('ServiceException', `the local Lambda has no ${request.method} ${request.url}`);
  }
}

function variablesIn(body: string): Readonly<Record<string, string>> {
  const { Environment, ...others } = JSON.parse(body) as Update;
  const unknown = Object.keys(others);
  if (unknown.length > 0)
    throw new AwsError('InvalidParameterValueException', `the local Lambda changes no ${unknown.join(', ')}`);
  return Environment?.Variables ?? {};
}

function pointTo(
  { FunctionVersion = '' }: { readonly FunctionVersion?: string },
  name: string,
  versions: Versions,
  { configure }: ApiFunctions,
) {
  const variables = versions.published[Number(FunctionVersion) - 1];
  if (!variables) throw notFound(`${name}:${FunctionVersion}`);
  configure(name, variables);
  delete versions.unpublished;
  return { Name: 'live', FunctionVersion, AliasArn: arn('lambda', `function:${name}:live`) };
}

interface Update {
  readonly Environment?: { readonly Variables?: Readonly<Record<string, string>> };
}

const described = (name: string, Variables: Readonly<Record<string, string>>) => ({
  FunctionName: name,
  FunctionArn: arn('lambda', `function:${name}`),
  Version: '$LATEST',
  State: 'Active',
  LastUpdateStatus: 'Successful',
  Environment: { Variables },
});

function reply(response: ServerResponse, status: number, body: unknown, error?: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'x-amzn-requestid': randomUUID(),
    ...(error !== undefined && { 'x-amzn-errortype': error }),
  });
  response.end(JSON.stringify(body));
}
