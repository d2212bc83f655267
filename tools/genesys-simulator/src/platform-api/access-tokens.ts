import { createHash } from 'node:crypto';
import type { ApiAnswer, ApiRequest } from './platform-messages.ts';
import type { PlatformClient } from './platform-options.ts';

/** What the login host has given out. */
export interface AccessTokens {
  /** Answers `POST /oauth/token`. */
  issue(request: ApiRequest): ApiAnswer;
  /** The client that a token speaks for, unless the token is unknown, expired or revoked. */
  clientOf(token: string): PlatformClient | undefined;
  revokeAll(): void;
  /** From now on the client logs in with this secret alone; its tokens live on. */
  setSecret(clientId: string, clientSecret: string): void;
  addClient(client: PlatformClient): void;
  /** The client's new secret; undefined for a client that there is not. */
  renewSecret(clientId: string): string | undefined;
}

export interface AccessTokensDeps {
  readonly clients: readonly PlatformClient[];
  readonly seed: number;
  /** Of a token that is issued now. */
  lifetimeSeconds(): number;
  now(): Date;
}

interface Issued {
  readonly clientId: string;
  readonly expiresAt: number;
}

export function createAccessTokens({
  clients: first,
  seed,
  lifetimeSeconds,
  now,
}: AccessTokensDeps): AccessTokens {
  const clients = [...first];
  const secrets = new Map(clients.map(({ clientId, clientSecret }) => [clientId, clientSecret]));
  const issued = new Map<string, Issued>();
  let count = 0;
  let renewals = 0;
  return {
    issue: (request) => {
      const refusal = refusalOf(request, secrets);
      if (refusal !== undefined) return refusal;
      const [clientId] = credentialsOf(request);
      count += 1;
      const token = createHash('sha256').update(`${seed}/${clientId}/${count}`).digest('base64url');
      const seconds = lifetimeSeconds();
      issued.set(token, { clientId, expiresAt: now().getTime() + seconds * 1000 });
      return { status: 200, body: { access_token: token, token_type: 'bearer', expires_in: seconds } };
    },
    clientOf: (token) => {
      const found = issued.get(token);
      if (found === undefined || now().getTime() >= found.expiresAt) return undefined;
      return clients.find(({ clientId }) => clientId === found.clientId);
    },
    revokeAll: () => issued.clear(),
    setSecret: (clientId, clientSecret) => void secrets.set(clientId, clientSecret),
    addClient: (client) => {
      clients.push(client);
      secrets.set(client.clientId, client.clientSecret);
    },
    renewSecret: (clientId) => {
      if (!secrets.has(clientId)) return undefined;
      renewals += 1;
      const secret = createHash('sha256')
        .update(`${seed}/${clientId}/secret/${renewals}`)
        .digest('base64url');
      secrets.set(clientId, secret);
      return secret;
    },
  };
}

function refusalOf(request: ApiRequest, secrets: ReadonlyMap<string, string>): ApiAnswer | undefined {
  const form = new URLSearchParams(request.body);
  if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
    return oauthError(400, 'invalid_request', 'the body must be a form');
  if (form.get('grant_type') !== 'client_credentials')
    return oauthError(400, 'unsupported_grant_type', 'grant type must be client_credentials');
  const [clientId, clientSecret] = credentialsOf(request);
  const secret = secrets.get(clientId);
  // Genesys Cloud tells a client that it does not know from one whose secret is wrong.
  if (secret === undefined) return oauthError(400, 'invalid_client', 'client not found');
  return secret === clientSecret ? undefined : oauthError(401, 'invalid_client', 'authentication failed');
}

function credentialsOf({ headers }: ApiRequest): readonly [clientId: string, clientSecret: string] {
  const [, basic = ''] = /^Basic (.+)$/.exec(headers['authorization'] ?? '') ?? [];
  const [clientId = '', ...secret] = Buffer.from(basic, 'base64').toString().split(':');
  return [clientId, secret.join(':')];
}

function oauthError(status: number, error: string, description: string): ApiAnswer {
  return { status, body: { error, description, error_description: description } };
}
