export { awsAccess, type AwsAccess, type AwsVariables } from './aws-access.ts';
export { circuitSettings, type CircuitSettings, circuitVariables } from './circuits.ts';
export { parseEnvironment, type Environment } from './parse-environment.ts';
export { flag, logLevel, number, text, url } from './parsers.ts';
export { sources } from './sources.ts';
