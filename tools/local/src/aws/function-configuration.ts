import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { arn } from './identity.ts';
import { AwsError, readBody } from './json-target-server.ts';
import { listenOnLoopback } from './listen.ts';
import type { LocalServer } from './listen.ts';

/** The functions, as far as their configuration goes. */
export interface ConfigurableFunctions {
  /** The variables that a stack gave a function, or `undefined` when there is no such function. */
  readonly variablesOf: (name: string) => Readonly<Record<string, string>> | undefined;
  /** Replaces them; what is warm with the old ones ends with its call. */
  readonly configure: (name: string, variables: Readonly<Record<string, string>>) => void;
}

const CONFIGURATION = /^\/2015-03-31\/functions\/([^/]+)\/configuration$/;

/** Lambda as far as `GetFunctionConfiguration` and `UpdateFunctionConfiguration` of the environment go. */
export function startFunctionConfiguration(functions: ConfigurableFunctions): Promise<LocalServer> {
  return listenOnLoopback((request, response) => {
    answer(request, functions)
      .then((body) => reply(response, 200, body))
      .catch((error: unknown) => {
        const known = error instanceof AwsError ? error : new AwsError('ServiceException', String(error));
        reply(response, STATUSES[known.code] ?? 500, { Message: known.message }, known.code);
      });
  }, 0);
}

const STATUSES: Readonly<Record<string, number>> = {
  InvalidParameterValueException: 400,
  ResourceNotFoundException: 404,
};

async function answer(request: IncomingMessage, functions: ConfigurableFunctions): Promise<unknown> {
  const body = await readBody(request);
  const [, encoded] = CONFIGURATION.exec(request.url?.split('?')[0] ?? '') ?? [];
  if (encoded === undefined)
    throw new AwsError('ServiceException', `the local Lambda has no ${request.method} ${request.url}`);
  const name = decodeURIComponent(encoded).replace(/^arn:.*:function:/, '');
  const present = functions.variablesOf(name);
  if (!present)
    throw new AwsError(
      'ResourceNotFoundException',
      `Function not found: ${arn('lambda', `function:${name}`)}`,
    );
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
