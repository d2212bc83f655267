import { CreateStateMachineCommand, UpdateStateMachineCommand } from '@aws-sdk/client-sfn';
import type { SFNClient } from '@aws-sdk/client-sfn';
import { arn } from '../aws/identity.ts';
import { onlyKnown, optionalText, text } from './arguments.ts';
import type { Attributes } from './evaluate.ts';
import type { Arguments } from './read-stacks.ts';
import { unless } from './unless.ts';

interface StateMachineDeps {
  readonly clients: { readonly sfn: SFNClient };
}

/** The resource types of Step Functions. */
export const STATE_MACHINE_RESOURCES = { aws_sfn_state_machine: createStateMachine } as const;

/** Logs, tracing and encryption of a machine change nothing on a laptop. */
const KNOWN = [
  'name',
  'definition',
  'role_arn',
  'type',
  'tags',
  'logging_configuration',
  'tracing_configuration',
  'encryption_configuration',
];

async function createStateMachine(
  args: Arguments,
  { clients: { sfn } }: StateMachineDeps,
): Promise<Attributes> {
  onlyKnown(args, KNOWN);
  if ((optionalText(args, 'type') ?? 'STANDARD') !== 'STANDARD')
    throw new Error('the local Step Functions run standard machines only');
  const name = text(args, 'name');
  const definition = text(args, 'definition');
  const machineArn = arn('states', `stateMachine:${name}`);
  const isNew = await unless(['StateMachineAlreadyExists'], () =>
    sfn.send(new CreateStateMachineCommand({ name, definition, roleArn: text(args, 'role_arn') })),
  );
  if (!isNew) await sfn.send(new UpdateStateMachineCommand({ stateMachineArn: machineArn, definition }));
  return { id: machineArn, arn: machineArn, name };
}
