export type { AwsCall } from './aws-call.ts';
export { createAwsJsonCall } from './aws-json-call.ts';
export { AwsJsonError } from './aws-json-error.ts';
export { type Patience, sdkOptions } from './sdk-options.ts';
