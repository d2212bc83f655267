import { canBePartial, type FaultKind, type OutgoingCall } from './outgoing-calls.ts';
import { runStage, type Run, type Suite } from './run-stage.ts';
import type { Scenario } from './scenarios.ts';
import { type Fault, faultsBetween } from './sinks.ts';

/** One call of a scenario, broken in one way, and what was wrong afterwards. */
export interface Cell {
  readonly scenario: string;
  readonly kind: FaultKind;
  /** Its place among the scenario's calls, from 0. */
  readonly index: number;
  readonly call: OutgoingCall;
  readonly seconds: number;
  readonly faults: readonly Fault[];
}

export const FAULT_KINDS: readonly FaultKind[] = [
  'crash-before',
  'crash-after',
  'request-lost',
  'answer-lost',
  'throttled',
  'partial',
];

/** Nothing depends on it here, because in the matrix nothing is left to chance but jitter. */
const SEED = 1;

/** A scenario that nothing befalls: what must come of it whatever befalls it. @throws Error when even that goes wrong */
export async function referenceRun(suite: Suite, scenario: Scenario): Promise<Run> {
  const run = await runStage(suite, { ...scenario, seed: SEED, habits: 'steady' });
  // Only what somebody forged is to stay among the dead letters.
  const limbo = scenario.forgedMessage === undefined ? [] : run.sinks.limbo;
  const faults = [...run.faults, ...faultsBetween({ ...run.sinks, limbo }, run.sinks)];
  if (faults.length > 0) throw new Error(`${scenario.name} goes wrong by itself: ${JSON.stringify(faults)}`);
  return run;
}

/** Which cells of a matrix. */
export interface MatrixPart {
  /** Default: all. */
  readonly kinds?: readonly FaultKind[];
  /** One in so many. Default: each. */
  readonly every?: number;
}

/** Breaks each call of a scenario in each way, one run at a time. */
export async function* faultMatrix(
  suite: Suite,
  scenario: Scenario,
  reference: Run,
  { kinds = FAULT_KINDS, every = 1 }: MatrixPart = {},
): AsyncGenerator<Cell, void> {
  const cells = [...reference.stage.calls.entries()].flatMap(([index, call]) =>
    kinds.filter((kind) => kind !== 'partial' || canBePartial(call)).map((kind) => ({ index, kind, call })),
  );
  for (const [place, one] of cells.entries())
    if (place % every === 0) yield await cell(suite, scenario, reference, one);
}

async function cell(
  suite: Suite,
  scenario: Scenario,
  reference: Run,
  { index, kind, call }: Pick<Cell, 'index' | 'kind' | 'call'>,
): Promise<Cell> {
  let calls = -1;
  const faultOf = () => ((calls += 1) === index ? kind : undefined);
  const { sinks, seconds, faults } = await runStage(suite, {
    ...scenario,
    seed: SEED,
    habits: 'steady',
    faultOf,
  });
  const late = seconds - reference.seconds - recoverySeconds(suite, call.app);
  return {
    ...{ scenario: scenario.name, kind, index, call, seconds },
    faults: [
      ...faults,
      ...faultsBetween(reference.sinks, sinks),
      ...(late > 0 ? [{ kind: 'late', detail: `${Math.ceil(late)} s after it should have` } as const] : []),
    ],
  };
}

/** The sender's first retry, with what the second try of a delivery takes. */
const SENDER_SECONDS = 60 + 10;
/** Of a lease, beyond the end of its invocation. */
const LEASE_MARGIN_SECONDS = 10;

/** How long what a function had in hand may take to be done after all: by its queue, its lease and its back-off. */
function recoverySeconds({ described: { runtime, resources } }: Suite, app: string): number {
  const found = runtime.functions.find(({ name }) => name.endsWith(`-${app}`));
  const source = runtime.eventSources.find(({ functionName }) => functionName === found?.name);
  const queue = resources.find(({ attributes }) => attributes['arn'] === source?.queueArn);
  if (!found || !source || !queue) return SENDER_SECONDS;
  const visibility = Number(queue.args['visibility_timeout_seconds']);
  const backoff = Number(found.environment['BACKOFF_MAX_SECONDS'] ?? 0);
  return visibility + found.timeoutSeconds + LEASE_MARGIN_SECONDS + backoff + source.batchingWindowSeconds;
}
