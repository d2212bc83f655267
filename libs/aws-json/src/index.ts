export { AnswerTooLargeError } from './answer-too-large-error.ts';
export type { AwsCall } from './aws-call.ts';
export { createAwsJsonCall } from './aws-json-call.ts';
export { AwsJsonError, refusalIn } from './aws-json-error.ts';
export { type ObjectPatience, type Patience, sdkOptions } from './sdk-options.ts';
