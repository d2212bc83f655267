import type {
  CreateStateMachineInput,
  DescribeExecutionInput,
  ListExecutionsInput,
  SendTaskFailureInput,
  SendTaskSuccessInput,
  StartExecutionInput,
  UpdateStateMachineInput,
} from '@aws-sdk/client-sfn';
import type { RunOptions, StateMachine } from 'aws-local-stepfunctions';
import { arn, nameIn } from './identity.ts';
import { AwsError } from './json-target-server.ts';
import type { Actions } from './json-target-server.ts';
import { checkTasks, named, taskHandlers } from './state-machine-tasks.ts';
import type { TaskDeps } from './state-machine-tasks.ts';
import { createTaskTokens } from './task-tokens.ts';

export interface StepFunctionsDeps extends Pick<TaskDeps, 'invoke'> {
  readonly now: () => Date;
  /** Cannot be guessed: names executions and makes task tokens. */
  readonly newId: () => string;
}

/** Step Functions' operations, and its end. */
export interface StepFunctions {
  readonly actions: Actions;
  /**
   * Starts an execution; one that runs under that name with that input already is that one.
   *
   * @throws AwsError
   */
  readonly start: (input: StartExecutionInput) => Promise<{ executionArn: string; startDate: number }>;
  readonly stop: () => void;
}

interface Machine {
  readonly name: string;
  readonly arn: string;
  definition: Definition;
}

type Definition = ConstructorParameters<typeof StateMachine>[0];
type Json = Parameters<StateMachine['run']>[0];

interface Execution {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly input: string;
  /** Epoch seconds, as the protocol has them. */
  readonly startDate: number;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  stopDate?: number;
  output?: string;
  error?: string;
  cause?: string;
  abort: () => void;
}

/** State machines whose tasks are functions, in memory: they run as long as the stack does. */
export function createStepFunctions(deps: StepFunctionsDeps): StepFunctions {
  const machines = new Map<string, Machine>();
  const executions = new Map<string, Execution>();
  const tokens = createTaskTokens(deps.newId);
  const seconds = (): number => deps.now().getTime() / 1000;

  const machineOf = (machineArn: string | undefined): Machine => {
    const machine = machines.get(machineArn ?? '');
    if (!machine)
      throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${machineArn}'`);
    return machine;
  };
  const executionOf = (executionArn: string | undefined): Execution => {
    const execution = executions.get(executionArn ?? '');
    if (!execution)
      throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${executionArn}'`);
    return execution;
  };

  const start: StepFunctions['start'] = async ({ stateMachineArn, name = deps.newId(), input = '{}' }) => {
    const machine = machineOf(stateMachineArn);
    const executionArn = arn('states', `execution:${machine.name}:${name}`);
    const there = executions.get(executionArn);
    if (there && (there.status !== 'RUNNING' || there.input !== input))
      throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${executionArn}'`);
    if (there) return { executionArn, startDate: there.startDate };
    const execution: Execution = {
      ...{ executionArn, stateMachineArn: machine.arn, name, input },
      ...{ startDate: seconds(), status: 'RUNNING', abort: () => undefined },
    };
    const parsed = parsedInput(input);
    executions.set(executionArn, execution);
    await run(execution, machine.definition, parsed, { ...deps, tokens, seconds });
    return { executionArn, startDate: execution.startDate };
  };

  const actions: Actions = {
    CreateStateMachine: async ({ name = '', definition = '' }: CreateStateMachineInput) => {
      const machineArn = arn('states', `stateMachine:${name}`);
      if (machines.has(machineArn))
        throw new AwsError('StateMachineAlreadyExists', `State Machine Already Exists: '${machineArn}'`);
      machines.set(machineArn, { name, arn: machineArn, definition: await checkedDefinition(definition) });
      return { stateMachineArn: machineArn, creationDate: seconds() };
    },
    UpdateStateMachine: async ({ stateMachineArn, definition }: UpdateStateMachineInput) => {
      const machine = machineOf(stateMachineArn);
      if (definition !== undefined) machine.definition = await checkedDefinition(definition);
      return { updateDate: seconds() };
    },
    StartExecution: start,
    DescribeExecution: ({ executionArn }: DescribeExecutionInput) => {
      const { abort: _abort, ...described } = executionOf(executionArn);
      return described;
    },
    ListExecutions: ({ stateMachineArn, statusFilter }: ListExecutionsInput) => {
      const machine = machineOf(stateMachineArn);
      const found = [...executions.values()].filter(
        (one) =>
          one.stateMachineArn === machine.arn && (statusFilter === undefined || one.status === statusFilter),
      );
      return { executions: found.toReversed().map(summary) };
    },
    SendTaskSuccess: ({ taskToken = '', output = '' }: SendTaskSuccessInput) => {
      tokens.succeed(taskToken, parsedOutput(output));
    },
    SendTaskFailure: ({ taskToken = '', error = 'Error', cause = '' }: SendTaskFailureInput) => {
      tokens.fail(taskToken, named(error, cause));
    },
  };
  return {
    actions,
    start,
    stop: () => {
      for (const { abort } of executions.values()) abort();
      tokens.stop(named('Stopped', 'the local stack stops'));
    },
  };
}

function summary({ executionArn, stateMachineArn, name, status, startDate, stopDate }: Execution) {
  return { executionArn, stateMachineArn, name, status, startDate, stopDate };
}

/** Loaded when a machine is made: it is large, and few stacks have one. */
const engine = () => import('aws-local-stepfunctions');

async function checkedDefinition(text: string): Promise<Definition> {
  const { StateMachine } = await engine();
  try {
    const definition = JSON.parse(text) as Definition;
    new StateMachine(definition);
    checkTasks(definition);
    return definition;
  } catch (error) {
    if (error instanceof AwsError) throw error;
    throw new AwsError('InvalidDefinition', `Invalid State Machine Definition: ${String(error)}`);
  }
}

interface RunDeps extends Pick<TaskDeps, 'invoke' | 'tokens'> {
  readonly seconds: () => number;
}

/** Sets it going; how it ends is written into the execution. */
async function run(execution: Execution, definition: Definition, input: Json, deps: RunDeps): Promise<void> {
  const { StateMachine } = await engine();
  const minted: string[] = [];
  const handlers = taskHandlers(definition, {
    ...deps,
    tokensOf: () => minted,
  });
  const { result, abort } = new StateMachine(definition).run(input, {
    overrides: { taskResourceLocalHandlers: handlers as Record<string, (given: Json) => Promise<Json>> },
    context: contextOf(execution, () => {
      minted.push(deps.tokens.mint());
      return minted.at(-1) ?? '';
    }),
  });
  execution.abort = () => {
    if (execution.status !== 'RUNNING') return;
    execution.status = 'ABORTED';
    abort();
  };
  const ended = (changes: Partial<Execution>): void => {
    if (execution.status === 'RUNNING') Object.assign(execution, { ...changes, stopDate: deps.seconds() });
  };
  result.then(
    (output) => ended({ status: 'SUCCEEDED', output: JSON.stringify(output) }),
    (error: unknown) => ended({ status: 'FAILED', ...failureOf(error) }),
  );
}

/** Each time that a state asks for its token it is another one, as each try of a task has its own on AWS. */
function contextOf(
  { executionArn, name, stateMachineArn }: Execution,
  newToken: () => string,
): NonNullable<RunOptions['context']> {
  const task = {
    get Token() {
      return newToken();
    },
  };
  return {
    Execution: { Id: executionArn, Name: name },
    StateMachine: { Id: stateMachineArn, Name: nameIn(stateMachineArn) },
    Task: task,
  };
}

function failureOf(error: unknown): Pick<Execution, 'error' | 'cause'> {
  const { cause } = (error ?? {}) as { readonly cause?: unknown };
  const inner = cause instanceof Error ? cause : error;
  return inner instanceof Error ? { error: inner.name, cause: inner.message } : { error: 'States.Runtime' };
}

function parsedInput(input: string): Json {
  try {
    return JSON.parse(input) as Json;
  } catch {
    throw new AwsError('InvalidExecutionInput', 'Invalid State Machine Execution Input');
  }
}

function parsedOutput(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    throw new AwsError('InvalidOutput', "Invalid Output: 'The specified output is not JSON'");
  }
}
