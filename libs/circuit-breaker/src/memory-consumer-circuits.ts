import { isUnavailable, type QueueMessage } from '@aftercall/queue';
import { type ConsumerCircuits, createConsumerCircuits } from './consumer-circuits.ts';
import { memoryCircuitsStore } from './memory-circuits-store.ts';
import { changeCircuits } from './shared-circuits.ts';

/** A consumer's circuits without anything behind them, for the tests of consumers. */
export interface MemoryConsumerCircuits extends ConsumerCircuits {
  /** As a person does; the consumer has to read it yet, at most 15 s later. */
  open(downstream: string): Promise<void>;
  /** What was held for longer than two hours. */
  readonly archived: readonly QueueMessage[];
}

/** Makes circuits, all of them closed. */
export function memoryConsumerCircuits(now: () => Date): MemoryConsumerCircuits {
  const store = memoryCircuitsStore();
  const archived: QueueMessage[] = [];
  const circuits = createConsumerCircuits({
    function: 'test',
    store,
    maxHeldSeconds: 7_200,
    isUnavailable,
    archive: async (message) => void archived.push(message),
    publish: async () => undefined,
    metrics: { count: () => undefined },
    log: { warn: () => undefined },
    now,
    random: () => 0.5,
  });
  const open = (downstream: string) =>
    changeCircuits(store, (others) => ({
      ...others,
      [downstream]: { openedAt: now().toISOString(), openedBy: 'test', mode: 'manual', reason: 'a test' },
    }));
  return { ...circuits, archived, open };
}
