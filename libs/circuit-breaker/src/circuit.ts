/** A failed call says that the downstream is unavailable; one that it refused for a reason is none. */
export interface Call {
  readonly atMillis: number;
  readonly failed: boolean;
}

/** Calls of one second, counted together. */
interface Second {
  readonly second: number;
  readonly calls: number;
  readonly failures: number;
}

export interface ClosedCircuit {
  readonly state: 'closed';
  /** Failures since the last success. */
  readonly inARow: number;
  readonly window: readonly Second[];
}

export interface OpenCircuit {
  readonly state: 'open';
  readonly openedAtMillis: number;
  readonly failureRate: number;
  /** Probes that failed since it opened. */
  readonly failedProbes: number;
  /** From then on it is half-open: one probe may go. Never, for one that was opened by hand. */
  readonly probeAtMillis: number;
  /** A probe is on its way, and is given up then. */
  readonly probeUntilMillis: number;
}

/** What one container knows of one downstream. */
export type Circuit = ClosedCircuit | OpenCircuit;

const FAILURES_IN_A_ROW = 5;
const WINDOW_SECONDS = 60;
const MIN_CALLS = 20;
const FAILURE_RATE = 0.5;
const PROBE_BASE_MILLIS = 5_000;
const PROBE_MAX_MILLIS = 60_000;
/** The container of a probe may be frozen or killed before the answer. */
const PROBE_LEASE_MILLIS = 30_000;

export const CLOSED: ClosedCircuit = { state: 'closed', inARow: 0, window: [] };

/** The circuit after one more call. Only a probe's call changes an open one: others set out before it opened. */
export function afterCall(circuit: Circuit, call: Call, random: () => number): Circuit {
  return circuit.state === 'closed'
    ? afterCallClosed(circuit, call, random)
    : afterCallOpen(circuit, call, random);
}

/** Open because somebody else says so, a container or a person. */
export function openedElsewhere(
  { openedAtMillis, failureRate }: Pick<OpenCircuit, 'openedAtMillis' | 'failureRate'>,
  mode: 'automatic' | 'manual',
  atMillis: number,
  random: () => number,
): OpenCircuit {
  const probeAtMillis = mode === 'manual' ? Infinity : atMillis + probeDelay(0, random);
  return { state: 'open', openedAtMillis, failureRate, failedProbes: 0, probeAtMillis, probeUntilMillis: 0 };
}

/** Whether work may go on now; as a probe, when the circuit is half-open and no other probe is on its way. */
export function admission(circuit: Circuit, atMillis: number): 'go' | 'probe' | 'held' {
  if (circuit.state === 'closed') return 'go';
  return atMillis >= circuit.probeAtMillis && atMillis >= circuit.probeUntilMillis ? 'probe' : 'held';
}

/** The open circuit with a probe on its way. */
export const probing = (circuit: OpenCircuit, atMillis: number): OpenCircuit => ({
  ...circuit,
  probeUntilMillis: atMillis + PROBE_LEASE_MILLIS,
});

/** The open circuit after a probe that did not get as far as its downstream: the next one may go at once. */
export const unprobed = (circuit: OpenCircuit): OpenCircuit => ({ ...circuit, probeUntilMillis: 0 });

/** Until the next probe may go, 0 when one may go now. */
export const millisToProbe = ({ probeAtMillis, probeUntilMillis }: OpenCircuit, atMillis: number): number =>
  Math.max(0, probeAtMillis - atMillis, probeUntilMillis - atMillis);

function afterCallClosed(circuit: ClosedCircuit, call: Call, random: () => number): Circuit {
  const inARow = call.failed ? circuit.inARow + 1 : 0;
  const window = counted(circuit.window, call);
  const calls = window.reduce((sum, second) => sum + second.calls, 0);
  const failures = window.reduce((sum, second) => sum + second.failures, 0);
  const failureRate = failures / calls;
  const isBad = inARow >= FAILURES_IN_A_ROW || (calls >= MIN_CALLS && failureRate >= FAILURE_RATE);
  if (!isBad) return { state: 'closed', inARow, window };
  return openedElsewhere({ openedAtMillis: call.atMillis, failureRate }, 'automatic', call.atMillis, random);
}

function afterCallOpen(circuit: OpenCircuit, { atMillis, failed }: Call, random: () => number): Circuit {
  if (atMillis >= circuit.probeUntilMillis) return circuit;
  if (!failed) return CLOSED;
  const failedProbes = circuit.failedProbes + 1;
  const probeAtMillis = atMillis + probeDelay(failedProbes, random);
  return { ...circuit, failedProbes, probeAtMillis, probeUntilMillis: 0 };
}

function counted(window: readonly Second[], { atMillis, failed }: Call): readonly Second[] {
  const second = Math.floor(atMillis / 1_000);
  const recent = window.filter((one) => one.second > second - WINDOW_SECONDS);
  const last = recent.at(-1);
  const current = last?.second === second ? last : { second, calls: 0, failures: 0 };
  const added = { second, calls: current.calls + 1, failures: current.failures + (failed ? 1 : 0) };
  return [...(current === last ? recent.slice(0, -1) : recent), added];
}

/** Half of it is certain, so that a downstream gets rest; the other half spreads the containers. */
function probeDelay(failedProbes: number, random: () => number): number {
  const bound = Math.min(PROBE_MAX_MILLIS, PROBE_BASE_MILLIS * 2 ** failedProbes);
  return bound / 2 + (random() * bound) / 2;
}
