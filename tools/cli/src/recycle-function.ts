import {
  GetFunctionConfigurationCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { failure } from './cli-error.ts';
import type { CommandContext } from './context.ts';
import { lambdaClient } from './lambda-client.ts';
import type { StageAccess } from './stage-access.ts';

/** Nothing reads it: a change of any variable lets Lambda start every container anew. */
const VARIABLE = 'RECYCLED_AT';
const POLL_MILLIS = 1_000;
const MAX_POLLS = 60;

/**
 * Changes a variable of a function that nothing reads, publishes that as a version, and moves the alias there that
 * traffic calls. A rotation does not need it, and the next deployment takes the variable away again.
 *
 * @returns the function's name
 */
export async function recycleFunction(
  app: 'ingest',
  access: StageAccess,
  context: CommandContext,
): Promise<string> {
  const { stageNamed, names, LIVE } = await import('@aftercall/infra');
  const FunctionName = names(stageNamed(access.stage)).function(app);
  const lambda = await lambdaClient(access);
  try {
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const Variables = { ...Environment?.Variables, [VARIABLE]: context.now().toISOString() };
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
    await settled(FunctionName, lambda, context);
    const { Version } = await lambda.send(new PublishVersionCommand({ FunctionName }));
    await lambda.send(new UpdateAliasCommand({ FunctionName, Name: LIVE, FunctionVersion: Version }));
    return FunctionName;
  } finally {
    lambda.destroy();
  }
}

async function settled(FunctionName: string, lambda: LambdaClient, { sleep }: CommandContext): Promise<void> {
  for (let polls = 0; polls < MAX_POLLS; polls += 1) {
    const { LastUpdateStatus } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    if (LastUpdateStatus === 'Successful') return;
    if (LastUpdateStatus === 'Failed') break;
    await sleep(POLL_MILLIS);
  }
  throw failure(`${FunctionName} did not take its new variable`, 'the new secret is stored all the same');
}
