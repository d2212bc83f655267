import type { Clock } from './clock.ts';
import type { IssuedToken } from './issued-token.ts';
import { TokenUnavailableError } from './token-errors.ts';
import type { StoredToken, TokenStore, TokenStoreSession } from './token-store.ts';

/** What `obtainToken` needs. */
export interface ObtainDeps {
  /** Without one the container asks for itself. */
  readonly store?: TokenStore;
  readonly clock: Clock;
  /** From 0 up to 1. */
  random(): number;
  newOwner(): string;
  readonly log: { warn(fields: object, message: string): void };
  /** Asks the token endpoint. */
  issue(): Promise<IssuedToken>;
  /** For how many milliseconds nobody should ask the endpoint after an error. */
  pauseAfter(error: unknown): number;
  /** Whether a token of the store would do: it is not the one that has to be replaced. */
  isWelcome(token: StoredToken): boolean;
}

/** `wait`: there is nothing to work with meanwhile. `try`: the old token is still good, so leave it when others are at it. */
export type Urgency = 'wait' | 'try';

/** More than a token request with a second one under fresh credentials takes; so long a dead owner blocks the others. */
const LEASE_MILLIS = 10_000;
/** Two dead owners are outlived. */
const WAIT_MILLIS = 25_000;
const POLL_MILLIS = 100;

/**
 * A token from the store, or a new one that everybody then finds there: of many containers, one asks the endpoint.
 * A store that cannot be reached is left aside: the container then asks for itself.
 *
 * @returns undefined when another container is at it and there is no hurry
 * @throws TokenUnavailableError when the others do not get one either, and whatever `issue` throws
 */
export async function obtainToken(deps: ObtainDeps, urgency: Urgency): Promise<StoredToken | undefined> {
  const { store } = deps;
  if (store === undefined) return asStored(await deps.issue());
  const session = await orWarn(deps, () => store.open());
  if (session.outcome === 'failed') return asStored(await deps.issue());
  try {
    return await obtainFrom(session.value, deps, urgency);
  } finally {
    await session.value.close();
  }
}

async function obtainFrom(
  session: TokenStoreSession,
  deps: ObtainDeps,
  urgency: Urgency,
): Promise<StoredToken | undefined> {
  const owner = deps.newOwner();
  const giveUpAt = deps.clock.elapsedMillis() + WAIT_MILLIS;
  while (deps.clock.elapsedMillis() < giveUpAt) {
    const turn = await orWarn(deps, () => readOrAcquire(session, deps, owner));
    if (turn.outcome === 'failed') return asStored(await deps.issue());
    if (turn.value === 'acquired') return issueAsOwner(session, deps, owner);
    if (turn.value !== 'others-are-at-it') return turn.value;
    if (urgency === 'try') return undefined;
    // Spread, so that a thousand containers do not ask in step.
    await deps.clock.sleep(POLL_MILLIS * (1 + deps.random()));
  }
  throw new TokenUnavailableError('no container got a token in time', {
    retryAfterSeconds: LEASE_MILLIS / 1000,
  });
}

/** The second read is for what somebody has put there between the first one and the lease. */
async function readOrAcquire(
  session: TokenStoreSession,
  { isWelcome }: ObtainDeps,
  owner: string,
): Promise<StoredToken | 'acquired' | 'others-are-at-it'> {
  const found = await session.read();
  if (found !== undefined && isWelcome(found)) return found;
  if (!(await session.acquire(owner, LEASE_MILLIS))) return 'others-are-at-it';
  const foundMeanwhile = await session.read();
  if (foundMeanwhile === undefined || !isWelcome(foundMeanwhile)) return 'acquired';
  await session.release(owner, 0);
  return foundMeanwhile;
}

/** After a failure the lease is kept for a while: the others would only fail alike, one after the other. */
async function issueAsOwner(
  session: TokenStoreSession,
  deps: ObtainDeps,
  owner: string,
): Promise<StoredToken> {
  let holdMillis = 0;
  try {
    const token = await deps.issue();
    await orWarn(deps, () => session.write(token));
    return asStored(token);
  } catch (error) {
    holdMillis = deps.pauseAfter(error);
    throw error;
  } finally {
    await orWarn(deps, () => session.release(owner, holdMillis));
  }
}

function asStored(token: IssuedToken): StoredToken {
  return { ...token, remainingMillis: token.lifetimeMillis };
}

type Attempt<T> = { readonly outcome: 'done'; readonly value: T } | { readonly outcome: 'failed' };

async function orWarn<T>({ log }: ObtainDeps, use: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { outcome: 'done', value: await use() };
  } catch (error) {
    const reason = Error.isError(error) ? error.name : typeof error;
    log.warn({ reason, err: error }, 'the shared token store failed; this container asks for itself');
    return { outcome: 'failed' };
  }
}
