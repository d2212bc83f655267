import type { SecretStore, VersionStage } from './secret-store.ts';
import { SecretUnavailableError } from './secret-unavailable-error.ts';
import type { SharedRead } from './shared-read.ts';
import { sharedRead } from './shared-read.ts';

/** What `createSecrets` needs from the outside world. */
export interface SecretsDeps {
  readonly store: SecretStore;
  now(): Date;
  /** From 0 up to 1. */
  random(): number;
  /** How long a value is used before it is read again; each time 80 to 100 % of it, so that containers spread. */
  readonly ttlSeconds: number;
  /** The least time between two refreshes of one name, so that forged deliveries cannot drive the store. */
  readonly refreshIntervalSeconds: number;
  /** How long after that a value may still be used while the store cannot be read. */
  readonly maxStaleSeconds: number;
}

/** `too-soon`: the values are known to be recent. `unavailable`: they may be old, so a mismatch proves nothing. */
export type RefreshResult = 'refreshed' | 'too-soon' | 'unavailable';

/** Secrets by name, cached. */
export interface Secrets {
  /**
   * The current value first, then the previous one when it is known; none when the secret does not exist.
   *
   * @throws SecretUnavailableError
   */
  values(name: string, signal?: AbortSignal): Promise<readonly string[]>;
  /** Reads the current and the previous value now, after a mismatch; never throws. */
  refresh(name: string, signal?: AbortSignal): Promise<RefreshResult>;
}

interface Held {
  readonly values: readonly string[];
  readonly renewAtSeconds: number;
  readonly staleUntilSeconds: number;
}

interface State {
  readonly held?: Held;
  /** A cold read asks for the current version alone; the previous one is of use from the first mismatch on. */
  readonly stages: readonly VersionStage[];
  /** The last refresh, or a failed read of any kind: both hold the next refresh back. */
  readonly refreshedAtSeconds: number;
  readonly lastRead: 'succeeded' | 'failed';
}

/** Undefined when the read succeeded. */
type Failure = SecretUnavailableError | undefined;

interface Attempt extends SharedRead<Failure> {
  readonly stages: readonly VersionStage[];
}

interface Cache extends SecretsDeps {
  readonly states: Map<string, State>;
  readonly attempts: Map<string, Attempt>;
}

const CURRENT: readonly VersionStage[] = ['AWSCURRENT'];
const BOTH: readonly VersionStage[] = ['AWSCURRENT', 'AWSPREVIOUS'];
const UNREAD: State = { stages: CURRENT, refreshedAtSeconds: -Infinity, lastRead: 'succeeded' };

/** Secrets that follow a rotation without a restart and outlive an outage of the store. */
export function createSecrets(deps: SecretsDeps): Secrets {
  const cache: Cache = { ...deps, states: new Map(), attempts: new Map() };
  return {
    values: (name, signal) => values(cache, name, signal),
    refresh: (name, signal) => refresh(cache, name, signal),
  };
}

async function values(cache: Cache, name: string, signal?: AbortSignal): Promise<readonly string[]> {
  const { held, stages } = stateOf(cache, name);
  if (held !== undefined && epochSeconds(cache) < Math.min(held.renewAtSeconds, held.staleUntilSeconds)) {
    return held.values;
  }
  const failure = await attempt(cache, name, stages, signal);
  const latest = stateOf(cache, name).held;
  if (latest === undefined || (failure !== undefined && epochSeconds(cache) >= latest.staleUntilSeconds)) {
    throw failure ?? new SecretUnavailableError(name, 'it was not read');
  }
  return latest.values;
}

async function refresh(cache: Cache, name: string, signal?: AbortSignal): Promise<RefreshResult> {
  const { refreshedAtSeconds, lastRead } = stateOf(cache, name);
  if (epochSeconds(cache) - refreshedAtSeconds < cache.refreshIntervalSeconds) {
    return lastRead === 'failed' ? 'unavailable' : 'too-soon';
  }
  if ((await attempt(cache, name, BOTH, signal)) !== undefined) return 'unavailable';
  cache.states.set(name, { ...stateOf(cache, name), refreshedAtSeconds: epochSeconds(cache) });
  return 'refreshed';
}

/** Waits for the read of this name that is under way, or for a new one: there is one at a time. */
async function attempt(
  cache: Cache,
  name: string,
  stages: readonly VersionStage[],
  signal?: AbortSignal,
): Promise<Failure> {
  if (signal?.aborted === true) return gaveUp(name, signal.reason);
  const running = cache.attempts.get(name);
  const joined = running === undefined || running.isAbandoned() ? start(cache, name, stages) : running;
  const failure = await joined.join(signal).catch((cause: unknown) => gaveUp(name, cause));
  if (failure !== undefined || joined.stages.length >= stages.length) return failure;
  // What was under way asked for the current version only.
  return attempt(cache, name, stages, signal);
}

function start(cache: Cache, name: string, stages: readonly VersionStage[]): Attempt {
  const read = sharedRead(async (signal): Promise<Failure> => {
    const result = await readVersions(cache.store, name, stages, signal);
    // An abandoned read that was replaced meanwhile has nothing to say any more.
    if (cache.attempts.get(name) === started) {
      cache.attempts.delete(name);
      cache.states.set(name, stateAfter(cache, name, stages, result));
    }
    return result instanceof SecretUnavailableError ? result : undefined;
  });
  const started: Attempt = { ...read, stages };
  cache.attempts.set(name, started);
  return started;
}

async function readVersions(
  store: SecretStore,
  name: string,
  stages: readonly VersionStage[],
  signal: AbortSignal,
): Promise<readonly string[] | SecretUnavailableError> {
  try {
    const [current, previous] = await Promise.all(
      stages.map((stage) => store.getSecretValue(name, stage, signal)),
    );
    if (current === undefined) return [];
    if (isBlank(current))
      return new SecretUnavailableError(name, 'its current value is empty: store a value');
    // The previous value of a new secret is often an empty placeholder; it is never used and no reason to stop.
    if (previous === undefined || isBlank(previous) || previous === current) return [current];
    return [current, previous];
  } catch (cause) {
    const kind = Error.isError(cause) ? cause.name : typeof cause;
    return new SecretUnavailableError(name, `the store failed with ${kind}`, { cause });
  }
}

function stateAfter(
  cache: Cache,
  name: string,
  stages: readonly VersionStage[],
  result: readonly string[] | SecretUnavailableError,
): State {
  const nowSeconds = epochSeconds(cache);
  const before = stateOf(cache, name);
  if (!(result instanceof SecretUnavailableError)) {
    // A failure that is over holds no refresh back: what was read since may lack the previous version.
    const refreshedAtSeconds = before.lastRead === 'failed' ? -Infinity : before.refreshedAtSeconds;
    const held = heldFrom(cache, result, nowSeconds);
    return { held, stages, refreshedAtSeconds, lastRead: 'succeeded' };
  }
  const failed = { ...before, refreshedAtSeconds: nowSeconds, lastRead: 'failed' } as const;
  if (before.held === undefined) return failed;
  // Stale values go on at full speed: not every delivery waits for the store's time-out.
  return { ...failed, held: { ...before.held, renewAtSeconds: nowSeconds + cache.refreshIntervalSeconds } };
}

function heldFrom(cache: Cache, read: readonly string[], nowSeconds: number): Held {
  if (read.length === 0) {
    // The secret may be made at any moment, and "there is none" must not outlast an outage.
    const renewAtSeconds = nowSeconds + cache.refreshIntervalSeconds;
    return { values: read, renewAtSeconds, staleUntilSeconds: renewAtSeconds };
  }
  const renewAtSeconds = nowSeconds + cache.ttlSeconds * (0.8 + 0.2 * cache.random());
  return { values: read, renewAtSeconds, staleUntilSeconds: renewAtSeconds + cache.maxStaleSeconds };
}

function stateOf({ states }: Cache, name: string): State {
  return states.get(name) ?? UNREAD;
}

function epochSeconds(cache: Cache): number {
  return cache.now().getTime() / 1000;
}

/** NUL counts as blank, because HMAC pads its keys with it: such a secret would be the empty key. */
function isBlank(value: string): boolean {
  return !/[^\s\0]/.test(value);
}

function gaveUp(name: string, cause: unknown): SecretUnavailableError {
  return new SecretUnavailableError(name, 'the caller stopped waiting', { cause });
}
