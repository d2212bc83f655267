import { HeldError } from '@aftercall/queue';
import type { SharedOpening } from '@aftercall/schemas';
import {
  admission,
  afterCall,
  type Circuit,
  CLOSED,
  millisToProbe,
  openedElsewhere,
  probing,
  unprobed,
} from './circuit.ts';
import { changeCircuits, type CircuitsStore, readCircuits, withoutCircuit } from './shared-circuits.ts';

const CACHE_MILLIS = 15_000;
const OPENING_REASON = 'the downstream is unavailable';
/** For a circuit that only a person closes. */
const MAX_HOLD_SECONDS = 60;

/** A circuit that this container has opened or closed. */
export interface CircuitChange {
  readonly downstream: string;
  readonly state: 'open' | 'closed';
  readonly failureRate: number;
}

/** What circuits need from the outside world. */
export interface CircuitBreakerDeps {
  /** The name of the function. */
  readonly function: string;
  /** The stage's document, which is advice: a circuit works without it. */
  readonly store: CircuitsStore;
  /** Whether an error speaks of the downstream's health. */
  readonly isUnavailable: (error: unknown) => boolean;
  readonly onChange: (change: CircuitChange) => void;
  readonly log: { readonly warn: (fields: object, message: string) => void };
  now(): Date;
  random(): number;
}

/** The circuits of one container, by downstream. */
export interface CircuitBreaker {
  /**
   * The call, with its failures counted for the downstream. One that its caller has called off is none, nor a success.
   *
   * @param failed whether a value that was answered speaks of an outage
   */
  watch<Args extends readonly unknown[], T>(
    downstream: string,
    call: (...args: Args) => Promise<T>,
    failed?: (value: T) => boolean,
  ): (...args: Args) => Promise<T>;
  /**
   * Does work that needs these downstreams. While one of them is half-open, one piece of work at a time.
   *
   * @throws HeldError before the work has begun when one of the circuits is open
   */
  through<T>(downstreams: readonly string[], work: () => Promise<T>): Promise<T>;
}

interface State {
  readonly circuits: Map<string, Circuit>;
  /** Openings that were read from, or written to, the document. */
  shared: ReadonlyMap<string, SharedOpening>;
  /** Closed here since: what was opened before is news no more, even where the document could not be told. */
  readonly closedAtMillis: Map<string, number>;
  /** How often this container has written: what was read before the last time is older than what it knows. */
  writes: number;
  readAtMillis: number;
  reading: Promise<void> | undefined;
}

/** Makes a container's circuits, all of them closed until the document or calls say otherwise. */
export function createCircuitBreaker(deps: CircuitBreakerDeps): CircuitBreaker {
  const state: State = {
    circuits: new Map(),
    shared: new Map(),
    closedAtMillis: new Map(),
    writes: 0,
    readAtMillis: -Infinity,
    reading: undefined,
  };
  return {
    watch:
      (downstream, call, failed = () => false) =>
      async (...args) => {
        const value = await call(...args).catch(async (error: unknown) => {
          if (!isCalledOff(error)) await noteCall(downstream, deps.isUnavailable(error), state, deps);
          throw error;
        });
        await noteCall(downstream, failed(value), state, deps);
        return value;
      },
    through: (downstreams, work) => through(downstreams, work, state, deps),
  };
}

const isCalledOff = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

async function through<T>(
  downstreams: readonly string[],
  work: () => Promise<T>,
  state: State,
  deps: CircuitBreakerDeps,
): Promise<T> {
  await refresh(state, deps);
  const probed = admit(downstreams, state, deps);
  try {
    return await work();
  } finally {
    for (const downstream of probed) {
      const circuit = state.circuits.get(downstream);
      if (circuit?.state === 'open') state.circuits.set(downstream, unprobed(circuit));
    }
  }
}

/**
 * The downstreams for which the work is a probe.
 *
 * @throws HeldError when one of the circuits is open
 */
function admit(downstreams: readonly string[], state: State, { now }: CircuitBreakerDeps): readonly string[] {
  const at = now().getTime();
  const open = downstreams.flatMap((downstream) => {
    const circuit = state.circuits.get(downstream);
    return circuit?.state === 'open' ? [{ downstream, circuit }] : [];
  });
  const holding = open.find(({ circuit }) => admission(circuit, at) === 'held');
  if (holding) {
    const { downstream, circuit } = holding;
    const seconds = Math.min(MAX_HOLD_SECONDS, millisToProbe(circuit, at) / 1_000);
    throw new HeldError(downstream, { since: new Date(circuit.openedAtMillis), atMostSeconds: seconds });
  }
  for (const { downstream, circuit } of open) state.circuits.set(downstream, probing(circuit, at));
  return open.map(({ downstream }) => downstream);
}

async function noteCall(
  downstream: string,
  failed: boolean,
  state: State,
  deps: CircuitBreakerDeps,
): Promise<void> {
  const before = state.circuits.get(downstream) ?? CLOSED;
  const atMillis = deps.now().getTime();
  const after = afterCall(before, { atMillis, failed }, deps.random);
  state.circuits.set(downstream, after);
  if (before.state === after.state) return;
  if (after.state === 'open') {
    deps.onChange({ downstream, state: 'open', failureRate: after.failureRate });
    await share(downstream, openingOf(after.openedAtMillis, after.failureRate, deps), state, deps);
  } else {
    state.closedAtMillis.set(downstream, atMillis);
    deps.onChange({
      downstream,
      state: 'closed',
      failureRate: before.state === 'open' ? before.failureRate : 0,
    });
    await share(downstream, undefined, state, deps);
  }
}

const openingOf = (
  openedAtMillis: number,
  failureRate: number,
  { function: openedBy }: CircuitBreakerDeps,
): SharedOpening => ({
  openedAt: new Date(openedAtMillis).toISOString(),
  openedBy,
  mode: 'automatic',
  reason: OPENING_REASON,
  failureRate,
});

/** Tells the other containers. What a person has opened is left as it is. */
async function share(
  downstream: string,
  opening: SharedOpening | undefined,
  state: State,
  deps: CircuitBreakerDeps,
): Promise<void> {
  try {
    await changeCircuits(deps.store, (circuits) => {
      if (circuits[downstream]?.mode === 'manual') return circuits;
      const others = withoutCircuit(circuits, downstream);
      return opening === undefined ? others : { ...others, [downstream]: opening };
    });
    const shared = new Map(state.shared);
    if (opening === undefined) shared.delete(downstream);
    else shared.set(downstream, opening);
    state.shared = shared;
    state.writes += 1;
  } catch (error) {
    deps.log.warn(
      { downstream, err: error },
      'the circuit could not be shared; this container goes by itself',
    );
  }
}

/** Reads the document when what is known is old. While it cannot be read, the last that is known holds. */
async function refresh(state: State, deps: CircuitBreakerDeps): Promise<void> {
  if (deps.now().getTime() - state.readAtMillis < CACHE_MILLIS) return state.reading;
  state.readAtMillis = deps.now().getTime();
  state.reading = read(state, deps).finally(() => {
    state.reading = undefined;
  });
  return state.reading;
}

async function read(state: State, deps: CircuitBreakerDeps): Promise<void> {
  const { writes } = state;
  try {
    const document = readCircuits(await deps.store.read());
    if (state.writes > writes) return;
    if (document.outcome === 'unreadable') {
      deps.log.warn({ detail: document.detail }, 'the circuits’ parameter cannot be read: nothing is shared');
    }
    adopt(document.outcome === 'read' ? document.circuits : {}, state, deps);
  } catch (error) {
    deps.log.warn({ err: error }, 'the circuits’ parameter is out of reach: what was known last holds');
  }
}

function adopt(
  circuits: Readonly<Record<string, SharedOpening>>,
  state: State,
  { now, random }: CircuitBreakerDeps,
): void {
  const shared = new Map(Object.entries(circuits));
  for (const [downstream, before] of state.shared) {
    // Closed by another container's probe, or by hand.
    if (!shared.has(downstream)) state.circuits.set(downstream, CLOSED);
    else if (before.mode === 'manual' && shared.get(downstream)?.mode !== 'manual')
      state.circuits.set(downstream, CLOSED);
  }
  for (const [downstream, opening] of shared) {
    const openedAtMillis = Date.parse(opening.openedAt);
    const { mode, failureRate = 1 } = opening;
    const circuit = state.circuits.get(downstream) ?? CLOSED;
    const isOld =
      mode === 'automatic' && openedAtMillis <= (state.closedAtMillis.get(downstream) ?? -Infinity);
    const isKnown = circuit.state === 'open' && (mode === 'automatic' || circuit.probeAtMillis === Infinity);
    if (isOld || isKnown) continue;
    const opened = openedElsewhere({ openedAtMillis, failureRate }, mode, now().getTime(), random);
    state.circuits.set(downstream, opened);
  }
  state.shared = shared;
}
