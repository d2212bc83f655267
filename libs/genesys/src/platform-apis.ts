import {
  type Clock,
  createTokenSource,
  type CredentialsSource,
  httpRequestToken,
  redisTokenStore,
  type TokenSourceDeps,
} from '@aftercall/oauth';
import type { GenesysOrg } from './genesys-org.ts';
import { createPlatformApi, type PlatformApi } from './platform-api.ts';
import type { RequestDeps } from './platform-request.ts';

/** A token is a matter of milliseconds; a login host that takes longer is asked again. */
const TOKEN_TIMEOUT_MILLIS = 5_000;

/** What clients for several organisations need from the outside world. */
export interface PlatformApisDeps extends Pick<TokenSourceDeps, 'log' | 'countTokenRequest'> {
  /** From `parseGenesysOrgs`. */
  readonly orgs: ReadonlyMap<string, GenesysOrg>;
  /** The OAuth client of a secret's name. */
  readonly credentials: (secretName: string) => CredentialsSource;
  /** The text of a secret: of the URL of a store that containers share tokens in. */
  readonly secretText: (secretName: string) => Promise<string>;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** From 0 up to 1. */
  random(): number;
  onRateLimitRemaining(remaining: number): void;
  /** For circuits: each organisation's API is a downstream of its own, see `downstreamOf`. */
  watch?<Args extends readonly unknown[], T>(
    downstream: string,
    call: (...args: Args) => Promise<T>,
  ): (...args: Args) => Promise<T>;
}

/** What the circuit of an organisation's Platform API is called. */
export const downstreamOf = (org: string): string => `genesys/${org}`;

/** The Platform API of each organisation, made when it is first asked for; undefined for one that is not configured. */
export function platformApis(deps: PlatformApisDeps): (org: string) => PlatformApi | undefined {
  const made = new Map<string, PlatformApi>();
  return (org) => {
    const known = made.get(org);
    const reached = deps.orgs.get(org);
    if (known || !reached) return known;
    const api = platformApiOf(org, reached, deps);
    made.set(org, api);
    return api;
  };
}

function platformApiOf(
  org: string,
  { tokenUrl, apiBaseUrl, secretName, scope, tokenStoreSecretName: store }: GenesysOrg,
  deps: PlatformApisDeps,
): PlatformApi {
  const { credentials, secretText, fetch, clock, random, log, countTokenRequest, onRateLimitRemaining } =
    deps;
  const tokens = createTokenSource({
    requestToken: httpRequestToken({
      endpoint: tokenUrl,
      ...(scope !== undefined && { scope }),
      timeoutMillis: TOKEN_TIMEOUT_MILLIS,
      fetch,
    }),
    credentials: credentials(secretName),
    ...(store && { store: redisTokenStore({ url: () => secretText(store), name: secretName }) }),
    clock,
    random,
    newOwner: () => crypto.randomUUID(),
    log,
    countTokenRequest,
  });
  const watch: RequestDeps['watch'] = (call) => deps.watch?.(downstreamOf(org), call) ?? call;
  return createPlatformApi({
    baseUrl: apiBaseUrl,
    tokens,
    fetch,
    clock,
    random,
    onRateLimitRemaining,
    watch,
  });
}
