import { createPlatformApi, type CallBudget, type PlatformApi } from '@aftercall/genesys';
import {
  createTokenSource,
  httpRequestToken,
  parseClientCredentials,
  systemClock,
  TokenRefusedError,
  type TokenSource,
} from '@aftercall/oauth';
import { randomUUID } from 'node:crypto';
import { checkPermissions } from './check-permissions.ts';
import type { ReadSecret } from './check-secrets.ts';
import { messageOf } from './cli-error.ts';
import type { Finding } from './finding.ts';
import type { GenesysClient } from './genesys-clients.ts';
import { observedFetch, type ObservedFetch } from './observed-fetch.ts';
import { duration } from './readable.ts';

/** What checking clients needs from the outside world. */
export interface CheckClientDeps {
  readonly readSecret: ReadSecret;
  readonly fetch: typeof fetch;
  readonly now: () => Date;
}

/** What came of one OAuth client; with `api` it has logged in. */
export interface CheckedClient {
  readonly findings: readonly Finding[];
  readonly api?: PlatformApi;
}

const TOKEN_TIMEOUT_MILLIS = 10_000;
const CALL_MILLIS = 30_000;
/** Signatures with a time in them allow five minutes; a clock that is a minute off is on its way there. */
const MAX_SKEW_SECONDS = 60;

/** How long a call may take, waiting for the rate limit included. */
export function callBudget(): CallBudget {
  const endsAt = performance.now() + CALL_MILLIS;
  return { remainingMillis: () => endsAt - performance.now() };
}

/** Logs in as a function would, and asks for what the function would ask for. */
export async function checkClient(client: GenesysClient, deps: CheckClientDeps): Promise<CheckedClient> {
  const subject = `${client.org}/${client.function}`;
  const observed = observedFetch(deps.fetch, deps.now);
  const tokens = tokensOf(client, deps.readSecret, observed);
  const login = await logIn(subject, client, tokens);
  if (login.verdict !== 'ok') return { findings: [login, ...clock(client.org, observed)] };
  const api = createPlatformApi({
    baseUrl: client.apiBaseUrl,
    tokens,
    fetch: observed.fetch,
    clock: systemClock(),
    random: () => Math.random(),
    onRateLimitRemaining: () => undefined,
  });
  const permissions = await checkPermissions(subject, client.function, {
    api,
    newBudget: callBudget,
    lastForbidden: observed.lastForbidden,
    newId: () => randomUUID(),
  });
  return { findings: [login, ...permissions, ...clock(client.org, observed)], api };
}

function tokensOf(client: GenesysClient, readSecret: ReadSecret, { fetch }: ObservedFetch): TokenSource {
  const { secretName, tokenUrl, scope } = client;
  return createTokenSource({
    requestToken: httpRequestToken({
      endpoint: tokenUrl,
      ...(scope !== undefined && { scope }),
      timeoutMillis: TOKEN_TIMEOUT_MILLIS,
      fetch,
    }),
    credentials: {
      current: async () => parseClientCredentials((await readSecret(secretName)) ?? ''),
      refresh: async () => 'too-soon',
    },
    clock: systemClock(),
    random: () => Math.random(),
    newOwner: () => randomUUID(),
    log: { warn: () => undefined },
    countTokenRequest: () => undefined,
  });
}

async function logIn(
  subject: string,
  { secretName, tokenUrl }: GenesysClient,
  tokens: TokenSource,
): Promise<Finding> {
  const about = { area: 'login', subject } as const;
  try {
    await tokens.token();
    return { ...about, verdict: 'ok', detail: `a token from ${new URL(tokenUrl).host}` };
  } catch (error) {
    const next =
      error instanceof TokenRefusedError && error.code === 'invalid-client'
        ? `correct the value of the secret ${secretName}`
        : 'correct the region or the addresses of the organisation in the stage, or try again later';
    return { ...about, verdict: 'fail', detail: messageOf(error), next };
  }
}

function clock(org: string, { skewSeconds }: ObservedFetch): readonly Finding[] {
  const skew = skewSeconds();
  if (skew === undefined) return [];
  const about = { area: 'clock', subject: org } as const;
  const isFar = Math.abs(skew) > MAX_SKEW_SECONDS;
  if (!isFar) return [{ ...about, verdict: 'ok', detail: 'Genesys Cloud and this machine agree' }];
  return [
    {
      ...about,
      verdict: 'warn',
      detail: `Genesys Cloud is ${duration(Math.abs(skew))} ${skew > 0 ? 'ahead of' : 'behind'} this machine`,
      next: 'set the clock of this machine by NTP; the functions are not concerned, they run on AWS’s clocks',
    },
  ];
}
