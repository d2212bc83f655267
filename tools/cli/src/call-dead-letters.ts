import { InvokeCommand } from '@aws-sdk/client-lambda';
import type { SetAsideTask } from '@aftercall/schemas';
import { failure } from './cli-error.ts';
import { lambdaClient } from './lambda-client.ts';
import type { StageAccess } from './stage-access.ts';

/** What every task answers; `left`: it stopped for lack of time, and another call goes on. */
export interface TaskReport {
  readonly left: boolean;
}

/**
 * Has the stage's function dead-letters do a task, in as many calls as it takes.
 *
 * @param onReport hears of each call
 * @throws CliError with exit code 1 when the function fails; what it did by then is done
 */
export async function callDeadLetters<Report extends TaskReport>(
  task: SetAsideTask,
  access: StageAccess,
  onReport: (report: Report) => void,
): Promise<void> {
  const { stageNamed, names } = await import('@aftercall/infra');
  // A call that is given up here goes on there.
  const lambda = await lambdaClient(access, { maxAttempts: 1 });
  const command = new InvokeCommand({
    FunctionName: names(stageNamed(access.stage)).function('dead-letters'),
    ...(access.stack === undefined && { Qualifier: 'live' }),
    Payload: JSON.stringify(task),
  });
  try {
    for (;;) {
      const { Payload, FunctionError } = await lambda.send(command);
      const answer = JSON.parse(Buffer.from(Payload ?? []).toString() || 'null') as unknown;
      if (FunctionError !== undefined) throw failed(answer);
      const report = answer as Report;
      onReport(report);
      if (!report.left || ('dryRun' in task && task.dryRun === true)) return;
    }
  } finally {
    lambda.destroy();
  }
}

function failed(answer: unknown): Error {
  const { errorType = 'Error', errorMessage = '' } = (answer ?? {}) as {
    readonly errorType?: string;
    readonly errorMessage?: string;
  };
  return failure(
    `dead-letters failed: ${errorType} ${errorMessage}`.trim(),
    'nothing is lost: give the command again; what is under way is free within two minutes',
  );
}
