// What brings the SDK with it, if only when it is needed: see `@aftercall/queue/sqs`.
export { functionCircuits, type FunctionCircuitsDeps } from './function-circuits.ts';
