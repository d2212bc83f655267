import { boundedText } from './bounded-text.ts';
import type { ClientCredentials } from './client-credentials.ts';
import { type IssuedToken, isAccessToken, type RequestToken } from './issued-token.ts';
import { networkFault } from './network-fault.ts';
import { retryAfterSeconds } from './retry-after.ts';
import { TokenRefusedError, TokenUnavailableError } from './token-errors.ts';

/** Where and how tokens are asked for. */
export interface HttpRequestTokenOptions {
  /** From `tokenEndpoint`. */
  readonly endpoint: string;
  /** Sent only where it is given: Genesys Cloud ignores scopes of client credentials, the client's roles count. */
  readonly scope?: string;
  /** For the whole of one request. */
  readonly timeoutMillis: number;
  readonly fetch: typeof fetch;
}

/** A token is a few hundred bytes. */
const MAX_ANSWER_BYTES = 65_536;

/** The shortest lifetime that Genesys Cloud lets a client have, for an answer that does not say. */
const DEFAULT_LIFETIME_SECONDS = 300;

/**
 * Tokens by OAuth's client credentials grant, the way Genesys Cloud's own clients ask for them.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.4
 */
export function httpRequestToken(options: HttpRequestTokenOptions): RequestToken {
  const { host } = new URL(options.endpoint);
  return async (credentials) => {
    const { response, text } = await post(options, credentials, host);
    if (response.ok) return issuedToken(text, host);
    throw failure(response, text, host);
  };
}

/** @throws TokenUnavailableError without its cause, which may hold the request */
async function post(
  { endpoint, scope, timeoutMillis, fetch }: HttpRequestTokenOptions,
  { clientId, clientSecret }: ClientCredentials,
  host: string,
): Promise<{ response: Response; text: string }> {
  const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    ...(scope !== undefined && { scope }),
  });
  try {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        authorization,
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
      },
      body: form.toString(),
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMillis),
    });
    const body = await boundedText(response, MAX_ANSWER_BYTES);
    return { response, text: body.outcome === 'read' ? body.text : '' };
  } catch (error) {
    throw new TokenUnavailableError(`${host} gave no token: ${networkFault(error)}`);
  }
}

/** @throws TokenUnavailableError: what is no token came from something between us and the endpoint */
function issuedToken(text: string, host: string): IssuedToken {
  const { access_token: accessToken, expires_in: expiresIn } = parsedObject(text);
  if (!isAccessToken(accessToken)) throw new TokenUnavailableError(`${host} answered, but not with a token`);
  const seconds = typeof expiresIn === 'number' ? Math.max(0, expiresIn) : DEFAULT_LIFETIME_SECONDS;
  return { accessToken, lifetimeMillis: seconds * 1000 };
}

function failure(response: Response, text: string, host: string): Error {
  const { status, headers } = response;
  // An error page comes from a proxy or a maintenance host, which knows nothing about our client.
  const isPage = /^text\/html/i.test(headers.get('content-type') ?? '');
  if (isPage || status >= 500 || status === 429 || status === 408) {
    const seconds = retryAfterSeconds(headers);
    return new TokenUnavailableError(`${host} answered ${status}`, { retryAfterSeconds: seconds });
  }
  if (status === 400 || status === 401) {
    return new TokenRefusedError(
      'invalid-client',
      `${host} refused the client's credentials (${status}${oauthError(text)}): store the id and secret of an active OAuth client with the grant type Client Credentials`,
    );
  }
  return new TokenRefusedError(
    'wrong-endpoint',
    `${host} answered ${status} to a request for a token: correct the region or the URL of the token endpoint`,
  );
}

/** OAuth's own word for what is wrong; the description beside it is free text and may repeat what was sent. */
function oauthError(text: string): string {
  const { error } = parsedObject(text);
  return typeof error === 'string' && /^[a-z_]{1,64}$/.test(error) ? ` ${error}` : '';
}

function parsedObject(text: string): { access_token?: unknown; expires_in?: unknown; error?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
