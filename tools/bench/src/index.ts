export { type Calls, CALLS_PER_INVOCATION, type CallsPerInvocation } from './calls-per-invocation.ts';
export { countFigures, type CountedFigures } from './counted-calls.ts';
export { loadedCode, type LoadedCode } from './static-imports.ts';
export { median, spread } from './statistics.ts';
