import { LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';
import { failure } from './cli-error.ts';
import type { StageAccess } from './stage-access.ts';

/** A client for the stage's functions, here or on AWS; to be destroyed by the caller. */
export async function lambdaClient(
  { stack, clients }: StageAccess,
  settings: Pick<LambdaClientConfig, 'maxAttempts'> = {},
): Promise<LambdaClient> {
  const endpoint = stack?.local.aws.endpoints.lambda;
  if (stack && endpoint === undefined) throw failure('this stack has no Lambda: start it anew');
  const { config } = clients.secrets;
  return new LambdaClient({
    region: await config.region(),
    credentials: config.credentials,
    ...settings,
    ...(endpoint !== undefined && { endpoint }),
  });
}
