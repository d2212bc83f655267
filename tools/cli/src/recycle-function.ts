import { GetFunctionConfigurationCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { failure } from './cli-error.ts';
import type { CommandContext } from './context.ts';
import { lambdaClient } from './lambda-client.ts';
import type { StageAccess } from './stage-access.ts';

/** Nothing reads it: a change of any variable lets Lambda start every container anew. */
const VARIABLE = 'RECYCLED_AT';
const POLL_MILLIS = 1_000;
const MAX_POLLS = 60;

/**
 * Changes a variable of a function that nothing reads. A rotation does not need it, and the next deployment takes the
 * variable away again. What an alias points to is a published version, which no change reaches.
 *
 * @returns the function's name
 */
export async function recycleFunction(
  app: 'ingest',
  access: StageAccess,
  { now, sleep }: CommandContext,
): Promise<string> {
  const { stageNamed, names } = await import('@aftercall/infra');
  const FunctionName = names(stageNamed(access.stage)).function(app);
  const lambda = await lambdaClient(access);
  try {
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const Variables = { ...Environment?.Variables, [VARIABLE]: now().toISOString() };
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
    for (let polls = 0; polls < MAX_POLLS; polls += 1) {
      const { LastUpdateStatus } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
      if (LastUpdateStatus === 'Successful') return FunctionName;
      if (LastUpdateStatus === 'Failed') break;
      await sleep(POLL_MILLIS);
    }
    throw failure(`${FunctionName} did not take its new variable`, 'the new secret is stored all the same');
  } finally {
    lambda.destroy();
  }
}
