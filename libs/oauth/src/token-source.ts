import type { Clock } from './clock.ts';
import { type HeldToken, heldToken } from './held-token.ts';
import { type CredentialsSource, issueToken, type TokenRequestOutcome } from './issue-token.ts';
import type { RequestToken } from './issued-token.ts';
import { obtainToken, type Urgency } from './obtain-token.ts';
import { pauseMillis, standingError, type TokenFailure, tokenFailure } from './token-failure.ts';
import type { TokenStore } from './token-store.ts';
import { unlessAborted } from './unless-aborted.ts';

/** What `createTokenSource` needs from the outside world. */
export interface TokenSourceDeps {
  /** How a token is asked for, such as `httpRequestToken`. */
  readonly requestToken: RequestToken;
  readonly credentials: CredentialsSource;
  /** Shared with other containers; without one every container asks for itself. */
  readonly store?: TokenStore;
  readonly clock: Clock;
  /** From 0 up to 1. */
  random(): number;
  /** Unique among containers. */
  newOwner(): string;
  readonly log: { warn(fields: object, message: string): void };
  /** Called for each request to the token endpoint, when its answer is known. */
  countTokenRequest(outcome: TokenRequestOutcome): void;
}

/** One OAuth client's access token. */
export interface TokenSource {
  /**
   * A token that is good now: from memory whenever there is one, else by one request, whoever asks.
   * An abort ends the caller's waiting and leaves the others theirs.
   *
   * @throws TokenRefusedError when somebody has to correct the client's secret or the configuration
   * @throws TokenUnavailableError when trying again later may help
   */
  token(signal?: AbortSignal): Promise<string>;
  /** Says that the API refused this token (401): the next `token()` is another one. The caller retries once. */
  drop(token: string): void;
}

/** What a source knows; it changes only here. */
interface Source extends TokenSourceDeps {
  held: HeldToken | undefined;
  failure: TokenFailure | undefined;
  /** The last token that the API refused; the shared store may still hold it. */
  refused: string | undefined;
  droppedAt: number;
  renewing: Promise<void> | undefined;
  waiting: Promise<string> | undefined;
}

/** When the next try to renew comes after one that failed, or that others were at; the old token still serves. */
const NEXT_RENEWAL_MILLIS = 5_000;
/** An API that refuses every token must not make us ask for one with every call. */
const DROP_INTERVAL_MILLIS = 10_000;

/** A token for one container: renewed in the background before it ends, replaced when it is refused, never logged. */
export function createTokenSource(deps: TokenSourceDeps): TokenSource {
  const source: Source = {
    ...deps,
    held: undefined,
    failure: undefined,
    refused: undefined,
    droppedAt: -Infinity,
    renewing: undefined,
    waiting: undefined,
  };
  return {
    token: (signal) => token(source, signal),
    drop: (refused) => drop(source, refused),
  };
}

function token(source: Source, signal?: AbortSignal): Promise<string> {
  const now = source.clock.elapsedMillis();
  const { held } = source;
  if (held === undefined || now >= held.expiresAt) return unlessAborted(newToken(source), signal);
  if (now >= held.refreshAt) source.renewing ??= renew(source, held);
  return held.promise;
}

/** One for all who wait. */
function newToken(source: Source): Promise<string> {
  source.waiting ??= waitForToken(source).finally(() => {
    source.waiting = undefined;
  });
  return source.waiting;
}

async function waitForToken(source: Source): Promise<string> {
  const before = source.held;
  await source.renewing;
  if (source.held !== undefined && source.held !== before) return source.held.promise;
  const now = source.clock.elapsedMillis();
  if (source.failure !== undefined && now < source.failure.until) throw standingError(source.failure, now);
  await obtain(source, 'wait');
  if (source.held === undefined) return waitForToken(source);
  return source.held.promise;
}

/** Never rejects: the old token is still good, and later there is another try. */
async function renew(source: Source, old: HeldToken): Promise<void> {
  try {
    await obtain(source, 'try');
  } catch (error) {
    source.log.warn({ err: error }, 'the access token could not be renewed; the old one is still good');
  }
  source.renewing = undefined;
  if (source.held !== old) return;
  const next = source.clock.elapsedMillis() + NEXT_RENEWAL_MILLIS * (1 + source.random());
  source.held = { ...old, refreshAt: Math.max(next, source.failure?.until ?? 0) };
}

/** Puts a new token into `held`, unless the urgency allows to leave without. */
async function obtain(source: Source, urgency: Urgency): Promise<void> {
  const replaced = source.held?.accessToken;
  const { clock, random } = source;
  const pauseAfter = (error: unknown) => pauseMillis(error, (source.failure?.count ?? 0) + 1, random);
  try {
    const obtained = await obtainToken(
      {
        ...source,
        issue: () => issueToken(source),
        isWelcome: ({ accessToken }) => accessToken !== replaced && accessToken !== source.refused,
        pauseAfter,
      },
      urgency,
    );
    if (obtained === undefined) return;
    source.held = heldToken(obtained, clock.elapsedMillis(), random);
    source.failure = undefined;
  } catch (error) {
    source.failure = tokenFailure(error, source.failure, clock.elapsedMillis() + pauseAfter(error));
    throw error;
  }
}

function drop(source: Source, refused: string): void {
  const now = source.clock.elapsedMillis();
  if (source.held?.accessToken !== refused || now - source.droppedAt < DROP_INTERVAL_MILLIS) return;
  source.droppedAt = now;
  source.refused = refused;
  source.held = undefined;
}
