import type { ClientCredentials } from './client-credentials.ts';
import type { Clock } from './clock.ts';
import type { IssuedToken, RequestToken } from './issued-token.ts';
import { TokenRefusedError, TokenUnavailableError } from './token-errors.ts';

/** Credentials that can be read anew; `parsedSecret` of `@aftercall/secrets` is such a source. */
export interface CredentialsSource {
  current(): Promise<ClientCredentials>;
  refresh(): Promise<'refreshed' | 'too-soon' | 'unavailable'>;
}

/** What `issueToken` needs. */
export interface IssueDeps {
  readonly requestToken: RequestToken;
  readonly credentials: CredentialsSource;
  readonly clock: Pick<Clock, 'elapsedMillis'>;
  /** Called for each request to the endpoint, when its answer is known. */
  countTokenRequest(outcome: TokenRequestOutcome): void;
}

/** What came of a request: a token, or why there is none. */
export type TokenRequestOutcome = 'issued' | 'refused' | 'unavailable';

/**
 * Asks the endpoint for a token. Refused credentials may have been rotated: they are read again, once.
 *
 * @throws TokenRefusedError when the latest credentials are refused
 * @throws TokenUnavailableError
 */
export async function issueToken(deps: IssueDeps): Promise<IssuedToken> {
  const known = await deps.credentials.current();
  try {
    return await request(deps, known);
  } catch (error) {
    if (!(error instanceof TokenRefusedError) || error.code !== 'invalid-client') throw error;
    return request(deps, await newerCredentials(deps, known, error));
  }
}

/** @throws the refusal when there are none, for then it stands */
async function newerCredentials(
  { credentials }: IssueDeps,
  refused: ClientCredentials,
  refusal: TokenRefusedError,
): Promise<ClientCredentials> {
  if ((await credentials.refresh()) === 'unavailable') {
    throw new TokenUnavailableError(
      'the credentials were refused, and whether there are newer ones cannot be read now',
      { cause: refusal },
    );
  }
  const latest = await credentials.current();
  const isSame = latest.clientId === refused.clientId && latest.clientSecret === refused.clientSecret;
  if (isSame) throw refusal;
  return latest;
}

/** The lifetime began at the latest when we asked. */
async function request(deps: IssueDeps, credentials: ClientCredentials): Promise<IssuedToken> {
  const askedAt = deps.clock.elapsedMillis();
  const { accessToken, lifetimeMillis } = await counted(deps, credentials);
  const takenMillis = deps.clock.elapsedMillis() - askedAt;
  return { accessToken, lifetimeMillis: Math.max(0, lifetimeMillis - takenMillis) };
}

async function counted(
  { requestToken, countTokenRequest }: IssueDeps,
  credentials: ClientCredentials,
): Promise<IssuedToken> {
  try {
    const issued = await requestToken(credentials);
    countTokenRequest('issued');
    return issued;
  } catch (error) {
    countTokenRequest(error instanceof TokenRefusedError ? 'refused' : 'unavailable');
    throw error;
  }
}
