import type { BusEvent, StateMachineTarget } from './bus-target.ts';
import { nameIn } from './identity.ts';
import { AwsError } from './json-target-server.ts';
import type { AttemptResult } from './sqs-outbox.ts';
import type { StepFunctions } from './step-functions.ts';

/** Starts the target's machine, once for an event and a rule however often it is tried. Never rejects. */
export async function startExecution(
  event: BusEvent,
  { arn, ruleArn, input }: StateMachineTarget,
  machines: Pick<StepFunctions, 'start'>,
): Promise<AttemptResult> {
  const name = `${event.id}_${nameIn(ruleArn)}`.slice(0, LONGEST_NAME);
  try {
    await machines.start({ stateMachineArn: arn, name, input: JSON.stringify(input(event) ?? null) });
    return { outcome: 'delivered' };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.code === 'ExecutionAlreadyExists') return { outcome: 'delivered' };
    return { outcome: 'failed', retry: 'never', code: error.code, message: error.message };
  }
}

const LONGEST_NAME = 80;
