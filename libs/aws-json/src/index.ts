export {
  type AwsJsonCall,
  type AwsJsonDeps,
  type AwsJsonService,
  createAwsJsonCall,
} from './aws-json-call.ts';
export { AwsJsonError } from './aws-json-error.ts';
