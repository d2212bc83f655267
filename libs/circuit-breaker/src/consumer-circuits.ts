import type { Holding, QueueMessage } from '@aftercall/queue';
import type { Fact } from '@aftercall/schemas';
import { buildCircuitFact } from './build-circuit-fact.ts';
import {
  type CircuitBreaker,
  type CircuitBreakerDeps,
  type CircuitChange,
  createCircuitBreaker,
} from './circuit-breaker.ts';

/** What a consumer behind a queue gives its circuits. */
export interface ConsumerCircuitsDeps extends Omit<CircuitBreakerDeps, 'onChange'> {
  readonly maxHeldSeconds: number;
  /** Resolves once set-aside has the message. */
  readonly archive: (message: QueueMessage, downstream: string) => Promise<unknown>;
  /** Not watched: what it tells may be of the bus itself. */
  readonly publish: (facts: readonly Fact[]) => Promise<void>;
  readonly metrics: {
    readonly count: (
      name: 'CircuitState' | 'Held' | 'Archived',
      n: number,
      dimensions: Readonly<Record<string, string>>,
    ) => void;
  };
}

/** The circuits of a consumer, and what becomes of its messages while one is open. */
export interface ConsumerCircuits extends CircuitBreaker {
  readonly holding: Holding;
}

interface Tally {
  held: number;
  archived: number;
}

/** Circuits that count what they hold, and tell the bus, as well as it listens, when one opens or closes. */
export function createConsumerCircuits(deps: ConsumerCircuitsDeps): ConsumerCircuits {
  const tallies = new Map<string, Tally>();
  const add = (downstream: string, name: keyof Tally, n: number) => {
    const tally = tallies.get(downstream) ?? { held: 0, archived: 0 };
    tallies.set(downstream, { ...tally, [name]: tally[name] + n });
    deps.metrics.count(name === 'held' ? 'Held' : 'Archived', n, { Downstream: downstream });
  };
  const onChange = (change: CircuitChange) => {
    const tally = tallies.get(change.downstream) ?? { held: 0, archived: 0 };
    tallies.delete(change.downstream);
    tell(change, tally, deps);
  };
  return {
    ...createCircuitBreaker({ ...deps, onChange }),
    holding: {
      maxHeldSeconds: deps.maxHeldSeconds,
      now: deps.now,
      onHeld: ({ downstream }, messages) => add(downstream, 'held', messages),
      archive: async (message, { downstream }) => {
        await deps.archive(message, downstream);
        add(downstream, 'archived', 1);
      },
    },
  };
}

function tell(change: CircuitChange, tally: Tally, deps: ConsumerCircuitsDeps): void {
  const { downstream, state, failureRate } = change;
  deps.log.warn({ downstream, result: state, failureRate, ...tally }, 'circuit');
  deps.metrics.count('CircuitState', state === 'open' ? 1 : 0, { Downstream: downstream });
  deps
    .publish([buildCircuitFact(change, { function: deps.function, now: deps.now(), ...tally })])
    .catch((error: unknown) =>
      deps.log.warn({ downstream, err: error }, 'the bus does not hear of the circuit'),
    );
}
