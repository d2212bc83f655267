import type {
  ConnectionHeaderParameter,
  ConnectionQueryStringParameter,
  CreateApiDestinationRequest,
  CreateConnectionAuthRequestParameters,
  CreateConnectionRequest,
  DeleteApiDestinationRequest,
  DeleteConnectionRequest,
  DescribeApiDestinationRequest,
  DescribeConnectionRequest,
  UpdateApiDestinationRequest,
  UpdateConnectionRequest,
} from '@aws-sdk/client-eventbridge';
import { checkEndpoint } from '@aftercall/egress';
import { arn } from './identity.ts';
import { AwsError } from './json-target-server.ts';
import type { Actions } from './json-target-server.ts';

/** How to authorize at an endpoint, and what every call to it bears. */
interface Connection {
  readonly name: string;
  readonly arn: string;
  readonly authorizationType: string;
  readonly auth: CreateConnectionAuthRequestParameters;
  readonly description: string | undefined;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
}

interface Destination {
  readonly name: string;
  readonly arn: string;
  readonly connectionArn: string;
  readonly endpoint: string;
  readonly method: Method;
  readonly callsPerSecond: number;
  readonly description: string | undefined;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
}

/** An endpoint as it is called. */
export interface ApiDestination {
  readonly arn: string;
  readonly endpoint: string;
  readonly method: Method;
  readonly callsPerSecond: number;
  /** Of the connection, credentials among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
}

export interface ApiDestinations {
  readonly actions: Actions;
  /** As it is now; `undefined` once it is deleted. */
  readonly find: (destinationArn: string) => ApiDestination | undefined;
}

export interface ApiDestinationsDeps {
  readonly now: () => Date;
  readonly newId: () => string;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
type Method = (typeof METHODS)[number];

/** EventBridge's own, and its default. */
const MAX_CALLS_PER_SECOND = 300;

/** EventBridge's connections and API destinations, in memory. */
export function apiDestinations(deps: ApiDestinationsDeps): ApiDestinations {
  const connections = new Map<string, Connection>();
  const destinations = new Map<string, Destination>();
  return {
    actions: {
      ...connectionActions(connections, deps),
      ...destinationActions(destinations, connections, deps),
    },
    find: (destinationArn) => {
      const found = [...destinations.values()].find((one) => one.arn === destinationArn);
      const connection = [...connections.values()].find((one) => one.arn === found?.connectionArn);
      return found && connection && callable(found, connection);
    },
  };
}

function callable(destination: Destination, { auth }: Connection): ApiDestination {
  const { HeaderParameters, QueryStringParameters } = auth.InvocationHttpParameters ?? {};
  return {
    arn: destination.arn,
    endpoint: destination.endpoint,
    method: destination.method,
    callsPerSecond: destination.callsPerSecond,
    headers: { ...byKey(HeaderParameters), ...authorization(auth) },
    query: byKey(QueryStringParameters),
  };
}

function authorization({
  ApiKeyAuthParameters: apiKey,
  BasicAuthParameters: basic,
}: CreateConnectionAuthRequestParameters): Record<string, string> {
  if (apiKey) return { [apiKey.ApiKeyName ?? '']: apiKey.ApiKeyValue ?? '' };
  const credentials = Buffer.from(`${basic?.Username}:${basic?.Password}`).toString('base64');
  return { authorization: `Basic ${credentials}` };
}

function byKey(
  parameters: readonly (ConnectionHeaderParameter | ConnectionQueryStringParameter)[] = [],
): Record<string, string> {
  return Object.fromEntries(parameters.map(({ Key, Value }) => [Key ?? '', Value ?? '']));
}

function connectionActions(connections: Map<string, Connection>, deps: ApiDestinationsDeps): Actions {
  return {
    CreateConnection: (input: CreateConnectionRequest) => {
      const name = newName(input.Name, connections, 'Connection');
      const made: Connection = {
        name,
        arn: arn('events', `connection/${name}/${deps.newId()}`),
        ...checkedAuth(input.AuthorizationType, input.AuthParameters),
        description: input.Description,
        createdAt: deps.now(),
        modifiedAt: deps.now(),
      };
      connections.set(name, made);
      return described(made);
    },
    DescribeConnection: ({ Name: name }: DescribeConnectionRequest) =>
      described(found(name, connections, 'Connection')),
    UpdateConnection: (input: UpdateConnectionRequest) => {
      const old = found(input.Name, connections, 'Connection');
      const changed: Connection = {
        ...old,
        ...checkedAuth(input.AuthorizationType ?? old.authorizationType, {
          ...old.auth,
          ...(input.AuthParameters as CreateConnectionAuthRequestParameters | undefined),
        }),
        description: input.Description ?? old.description,
        modifiedAt: deps.now(),
      };
      connections.set(old.name, changed);
      return described(changed);
    },
    ListConnections: () => ({ Connections: [...connections.values()].map(described) }),
    DeleteConnection: ({ Name: name }: DeleteConnectionRequest) => {
      const old = found(name, connections, 'Connection');
      connections.delete(old.name);
      return { ...described(old), ConnectionState: 'DELETING' };
    },
  };
}

/** Of credentials only the names are told, as on AWS. */
function described({ name, arn, authorizationType, auth, ...more }: Connection) {
  const { ApiKeyAuthParameters: apiKey, BasicAuthParameters: basic } = auth;
  return {
    Name: name,
    ConnectionArn: arn,
    ConnectionState: 'AUTHORIZED',
    AuthorizationType: authorizationType,
    AuthParameters: {
      ...(apiKey && { ApiKeyAuthParameters: { ApiKeyName: apiKey.ApiKeyName } }),
      ...(basic && { BasicAuthParameters: { Username: basic.Username } }),
    },
    ...times(more),
  };
}

function checkedAuth(
  type: string | undefined,
  auth: CreateConnectionAuthRequestParameters | undefined,
): Pick<Connection, 'authorizationType' | 'auth'> {
  const {
    ApiKeyAuthParameters: apiKey,
    BasicAuthParameters: basic,
    InvocationHttpParameters: http,
  } = auth ?? {};
  if (http?.BodyParameters) throw invalid('The local EventBridge does not know BodyParameters.');
  if (type === 'API_KEY') {
    if (!apiKey?.ApiKeyName || !apiKey.ApiKeyValue) throw invalid('ApiKeyAuthParameters are required.');
    return { authorizationType: type, auth: { ApiKeyAuthParameters: apiKey, ...withHttp(http) } };
  }
  if (type === 'BASIC') {
    if (!basic?.Username || !basic.Password) throw invalid('BasicAuthParameters are required.');
    return { authorizationType: type, auth: { BasicAuthParameters: basic, ...withHttp(http) } };
  }
  throw invalid(`The local EventBridge knows connections of API_KEY and BASIC, not ${type}.`);
}

function withHttp(http: CreateConnectionAuthRequestParameters['InvocationHttpParameters']) {
  return http === undefined ? {} : { InvocationHttpParameters: http };
}

function destinationActions(
  destinations: Map<string, Destination>,
  connections: ReadonlyMap<string, Connection>,
  deps: ApiDestinationsDeps,
): Actions {
  return {
    CreateApiDestination: (input: CreateApiDestinationRequest) => {
      const name = newName(input.Name, destinations, 'Api-destination');
      const made: Destination = {
        name,
        arn: arn('events', `api-destination/${name}/${deps.newId()}`),
        ...checkedDestination(input, connections),
        description: input.Description,
        createdAt: deps.now(),
        modifiedAt: deps.now(),
      };
      destinations.set(name, made);
      return describedDestination(made);
    },
    DescribeApiDestination: ({ Name: name }: DescribeApiDestinationRequest) =>
      describedDestination(found(name, destinations, 'Api-destination')),
    UpdateApiDestination: (input: UpdateApiDestinationRequest) => {
      const old = found(input.Name, destinations, 'Api-destination');
      const before = {
        ConnectionArn: old.connectionArn,
        InvocationEndpoint: old.endpoint,
        HttpMethod: old.method,
        InvocationRateLimitPerSecond: old.callsPerSecond,
      };
      const changed: Destination = {
        ...old,
        ...checkedDestination({ ...before, ...input }, connections),
        description: input.Description ?? old.description,
        modifiedAt: deps.now(),
      };
      destinations.set(old.name, changed);
      return describedDestination(changed);
    },
    ListApiDestinations: () => ({ ApiDestinations: [...destinations.values()].map(describedDestination) }),
    DeleteApiDestination: ({ Name: name }: DeleteApiDestinationRequest) => {
      destinations.delete(found(name, destinations, 'Api-destination').name);
      return {};
    },
  };
}

function checkedDestination(
  input: Omit<CreateApiDestinationRequest, 'Name'>,
  connections: ReadonlyMap<string, Connection>,
): Pick<Destination, 'connectionArn' | 'endpoint' | 'method' | 'callsPerSecond'> {
  const connection = [...connections.values()].find((one) => one.arn === input.ConnectionArn);
  if (!connection) throw notFound(`Connection ${input.ConnectionArn} does not exist.`);
  const endpoint = input.InvocationEndpoint ?? '';
  const problem = endpoint.includes('*')
    ? 'must not have path parameters here'
    : checkEndpoint(endpoint, { loopback: 'allowed' });
  if (problem !== undefined) throw invalid(`InvocationEndpoint ${problem}.`);
  const method = METHODS.find((known) => known === input.HttpMethod);
  if (!method) throw invalid(`HttpMethod: one of ${METHODS.join(', ')} is wanted, not ${input.HttpMethod}.`);
  const callsPerSecond = input.InvocationRateLimitPerSecond ?? MAX_CALLS_PER_SECOND;
  if (callsPerSecond < 1 || callsPerSecond > MAX_CALLS_PER_SECOND)
    throw invalid(`InvocationRateLimitPerSecond: 1 to ${MAX_CALLS_PER_SECOND} is wanted.`);
  return { connectionArn: connection.arn, endpoint, method, callsPerSecond };
}

function describedDestination(destination: Destination) {
  return {
    Name: destination.name,
    ApiDestinationArn: destination.arn,
    ApiDestinationState: 'ACTIVE',
    ConnectionArn: destination.connectionArn,
    InvocationEndpoint: destination.endpoint,
    HttpMethod: destination.method,
    InvocationRateLimitPerSecond: destination.callsPerSecond,
    ...times(destination),
  };
}

function times({
  description,
  createdAt,
  modifiedAt,
}: Pick<Connection, 'description' | 'createdAt' | 'modifiedAt'>) {
  return {
    Description: description,
    CreationTime: createdAt.getTime() / 1000,
    LastModifiedTime: modifiedAt.getTime() / 1000,
  };
}

function newName(name: string | undefined, taken: ReadonlyMap<string, unknown>, kind: string): string {
  if (name === undefined || !/^[\w.-]{1,64}$/.test(name))
    throw invalid(`${kind} name: 1 to 64 of letters, digits and . - _ are wanted.`);
  if (taken.has(name))
    throw new AwsError('ResourceAlreadyExistsException', `${kind} ${name} already exists.`);
  return name;
}

function found<T>(name: string | undefined, all: ReadonlyMap<string, T>, kind: string): T {
  const one = all.get(name ?? '');
  if (one === undefined) throw notFound(`${kind} ${name} does not exist.`);
  return one;
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message);
}
