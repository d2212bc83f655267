export {
  createCircuitBreaker,
  type CircuitBreaker,
  type CircuitBreakerDeps,
  type CircuitChange,
} from './circuit-breaker.ts';
export { memoryCircuitsStore, type MemoryCircuitsStore } from './memory-circuits-store.ts';
export {
  changeCircuits,
  type CircuitsStore,
  openCircuits,
  readCircuits,
  type ReadCircuits,
  withoutCircuit,
} from './shared-circuits.ts';
