import { type GenesysOrg, platformApis, type PlatformApisDeps } from '@aftercall/genesys';
import {
  type ClientCredentials,
  httpRequestToken,
  parseClientCredentials,
  TokenRefusedError,
} from '@aftercall/oauth';
import { parsedSecret, type Secrets } from '@aftercall/secrets';
import { RotationError } from './rotation-error.ts';

/** What it takes to speak to Genesys Cloud. */
export interface HttpOauthClientsDeps extends Omit<PlatformApisDeps, 'credentials' | 'secretText' | 'watch'> {
  readonly secrets: Secrets;
}

/** An organisation's OAuth clients, as far as a rotation goes. */
export interface OauthClients {
  newClientSecret(clientId: string): Promise<string>;
  logIn(credentials: ClientCredentials): Promise<void>;
}

const LOGIN_TIMEOUT_MILLIS = 5_000;
/** One call, which is repeated while that may help. */
const CALL_MILLIS = 20_000;

/**
 * Asks each organisation's Genesys Cloud, logged in as the rotator's own client there.
 *
 * @returns undefined for an organisation that is not configured
 */
export function httpOauthClients(deps: HttpOauthClientsDeps): (org: string) => OauthClients | undefined {
  const apis = platformApis({
    ...deps,
    credentials: (name) => parsedSecret(deps.secrets, name, parseClientCredentials),
    secretText: (name) => parsedSecret(deps.secrets, name, (url) => url).current(),
  });
  return (org) => {
    const [api, reached] = [apis(org), deps.orgs.get(org)];
    if (!api || !reached) return undefined;
    return {
      newClientSecret: (clientId) => api.renewClientSecret(clientId, budgetOf(deps)),
      logIn: (credentials) => logIn(credentials, reached, deps),
    };
  };
}

function budgetOf({ clock }: HttpOauthClientsDeps) {
  const endsAt = clock.elapsedMillis() + CALL_MILLIS;
  return { remainingMillis: () => endsAt - clock.elapsedMillis() };
}

async function logIn(
  credentials: ClientCredentials,
  { tokenUrl, scope }: GenesysOrg,
  { fetch, countTokenRequest }: HttpOauthClientsDeps,
): Promise<void> {
  const requestToken = httpRequestToken({
    endpoint: tokenUrl,
    ...(scope !== undefined && { scope }),
    timeoutMillis: LOGIN_TIMEOUT_MILLIS,
    fetch,
  });
  try {
    const { lifetimeMillis } = await requestToken(credentials);
    if (lifetimeMillis <= 0) throw new RotationError('the client got a token that is over already');
    countTokenRequest('issued');
  } catch (error) {
    countTokenRequest(error instanceof TokenRefusedError ? 'refused' : 'unavailable');
    throw error;
  }
}
