export {
  createCircuitBreaker,
  type CircuitBreaker,
  type CircuitBreakerDeps,
  type CircuitChange,
} from './circuit-breaker.ts';
export {
  createConsumerCircuits,
  type ConsumerCircuits,
  type ConsumerCircuitsDeps,
} from './consumer-circuits.ts';
export { memoryConsumerCircuits, type MemoryConsumerCircuits } from './memory-consumer-circuits.ts';
export { archiveMessage, type ArchiveDeps, type NamesOf } from './archive-message.ts';
export { memoryCircuitsStore, type MemoryCircuitsStore } from './memory-circuits-store.ts';
export {
  changeCircuits,
  type CircuitsStore,
  openCircuits,
  readCircuits,
  type ReadCircuits,
  withoutCircuit,
} from './shared-circuits.ts';
export { ssmSharedCircuits } from './ssm-shared-circuits.ts';
export { type SdkClient, watchedCall, watchedClient } from './watched-calls.ts';
