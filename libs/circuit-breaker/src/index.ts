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
export { lazyCircuitsStore } from './lazy-circuits-store.ts';
export { memoryCircuitsStore, type MemoryCircuitsStore } from './memory-circuits-store.ts';
export {
  allOpenCircuits,
  changeCircuits,
  type CircuitsStore,
  openCircuits,
  readCircuits,
  type ReadCircuits,
  withoutCircuit,
} from './shared-circuits.ts';
