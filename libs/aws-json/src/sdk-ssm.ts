import { GetParameterCommand, PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { AwsCall } from './aws-call.ts';
import { sdkCall } from './sdk-call.ts';

/** Our calls of Systems Manager's Parameter Store through a client of the SDK. */
export const sdkSsm = (client: SSMClient): AwsCall =>
  sdkCall(client, { GetParameter: GetParameterCommand, PutParameter: PutParameterCommand });
