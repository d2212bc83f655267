import type { InvokeResult } from '../runtime/execution-environment.ts';
import { AwsError } from './json-target-server.ts';
import type { TaskTokens } from './task-tokens.ts';

/** A state of the Amazon States Language, as far as its tasks are concerned. */
interface State {
  readonly Type?: string;
  readonly Resource?: string;
  readonly TimeoutSeconds?: number;
  readonly ItemProcessor?: States;
  readonly Iterator?: States;
  readonly Branches?: readonly States[];
}

interface States {
  readonly States?: Readonly<Record<string, State>>;
}

type Handler = (input: unknown) => Promise<unknown>;

export interface TaskDeps {
  readonly invoke: (functionName: string, payload: string) => Promise<InvokeResult>;
  readonly tokens: TaskTokens;
  /** The tokens that one execution has been given. */
  readonly tokensOf: () => readonly string[];
}

const INVOKE = 'arn:aws:states:::lambda:invoke';
const INVOKE_AND_WAIT = `${INVOKE}.waitForTaskToken`;

/**
 * The tasks of a machine, by the names of their states.
 *
 * @throws AwsError for a task that would do something else here than on AWS
 */
export function checkTasks(definition: States): void {
  for (const [name, { Resource, TimeoutSeconds }] of tasksOf(definition)) {
    if (Resource !== INVOKE && Resource !== INVOKE_AND_WAIT)
      throw invalid(`${name}: the local Step Functions invoke functions only, not ${Resource}`);
    if (TimeoutSeconds === undefined)
      throw invalid(`${name}: the local Step Functions want TimeoutSeconds of every task`);
  }
}

/** What performs each task, for one execution. */
export function taskHandlers(definition: States, deps: TaskDeps): Record<string, Handler> {
  return Object.fromEntries(
    tasksOf(definition).map(([name, { Resource, TimeoutSeconds = 0 }]) => [
      name,
      (input) =>
        Resource === INVOKE_AND_WAIT ? invokeAndWait(input, TimeoutSeconds, deps) : invoke(input, deps),
    ]),
  );
}

function tasksOf({ States = {} }: States): readonly (readonly [string, State])[] {
  return Object.entries(States).flatMap(([name, state]) => {
    const below = [state.ItemProcessor, state.Iterator, ...(state.Branches ?? [])];
    const nested = below.flatMap((states) => (states ? tasksOf(states) : []));
    return state.Type === 'Task' ? [[name, state] as const] : nested;
  });
}

/** Waits from before the call on: the function may answer before it returns. */
async function invokeAndWait(input: unknown, timeoutSeconds: number, deps: TaskDeps): Promise<unknown> {
  const given = JSON.stringify(input);
  const token = deps.tokensOf().find((one) => given.includes(one));
  const answer = token === undefined ? never() : deps.tokens.wait(token, timeoutSeconds);
  const failed = invoke(input, deps).then(never);
  return Promise.race([answer, failed]);
}

const never = (): Promise<never> => new Promise(() => undefined);

async function invoke(input: unknown, deps: Pick<TaskDeps, 'invoke'>): Promise<unknown> {
  const { FunctionName = '', Payload = {} } = input as { FunctionName?: string; Payload?: unknown };
  const name = /(?:^|function:)([\w-]+)(?::[\w$-]+)?$/.exec(FunctionName)?.[1] ?? FunctionName;
  const result = await deps.invoke(name, JSON.stringify(Payload));
  if (result.outcome === 'returned')
    return {
      ExecutedVersion: '$LATEST',
      Payload: JSON.parse(result.payload || 'null') as unknown,
      StatusCode: 200,
    };
  throw taskError(result);
}

function taskError(result: Exclude<InvokeResult, { readonly outcome: 'returned' }>): Error {
  if (result.outcome === 'failed') return named(result.errorType, result.message);
  if (result.outcome === 'throttled') return named('Lambda.TooManyRequestsException', 'Rate exceeded');
  return named('Lambda.RequestTooLargeException', 'the payload is larger than Lambda takes');
}

/** The language knows errors by name. */
export function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidDefinition', message);
}
