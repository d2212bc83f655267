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

const CONFIGURATION = /^\/2015-03-31\/functions\/([^/]+)\/configuration$/;

/** Lambda as far as `Invoke`, and `GetFunctionConfiguration` and `UpdateFunctionConfiguration` of the environment, go. */
export function startLambdaApi(functions: ApiFunctions): Promise<LocalServer> {
  return listenOnLoopback((request, response) => {
    (INVOCATION.test(pathOf(request))
      ? invocation(request, response, functions)
      : configuration(request, response, functions)
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

const configuration = async (
  request: IncomingMessage,
  response: ServerResponse,
  functions: ApiFunctions,
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

async function answer(request: IncomingMessage, functions: ApiFunctions): Promise<unknown> {
  const body = await readBody(request);
  const [, encoded] = CONFIGURATION.exec(request.url?.split('?')[0] ?? '') ?? [];
  if (encoded === undefined)
    throw new AwsError('ServiceException', `the local Lambda has no ${request.method} ${request.url}`);
  const name = decodeURIComponent(encoded).replace(/^arn:.*:function:/, '');
  const present = functions.variablesOf(name);
  if (!present) throw notFound(name);
  if (request.method === 'GET') return described(name, present);
  const { Environment, ...others } = JSON.parse(body.toString('utf8')) as Update;
  const unknown = Object.keys(others);
  if (unknown.length > 0)
    throw new AwsError('InvalidParameterValueException', `the local Lambda changes no ${unknown.join(', ')}`);
  const variables = Environment?.Variables ?? {};
  functions.configure(name, variables);
  return described(name, variables);
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
