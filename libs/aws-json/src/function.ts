// Apart from the index, because the SDK comes along, loaded where a stage asks for it.
export {
  type AwsAccess,
  dynamodbCall,
  eventsCall,
  s3Call,
  secretsManagerCall,
  sqsCall,
  ssmCall,
} from './function-calls.ts';
