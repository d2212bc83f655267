// What brings the SDK with it, if only when it is needed: whatever a bundle loads on
// demand is loaded at once when an index that it shares with the rest names it.
export { functionCircuits, type FunctionCircuitsDeps } from './function-circuits.ts';
