export { parseEnvironment, type Environment } from './parse-environment.ts';
export { sourcesVariable } from './sources-variable.ts';
