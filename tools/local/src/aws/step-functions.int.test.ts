import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { InvokeResult } from '../runtime/execution-environment.ts';
import { clientConfig } from './clients.ts';
import { serveActions } from './json-target-server.ts';
import type { LocalServer } from './listen.ts';
import { createStepFunctions } from './step-functions.ts';

const FUNCTION = 'arn:aws:lambda:eu-west-1:000000000000:function:worker:live';

/** What the function was called with; it does as `answers` says, by task. */
const calls: { name: string; payload: Record<string, string> }[] = [];
const answers = new Map<string, InvokeResult>();
const returned = (payload: object): InvokeResult => ({
  outcome: 'returned',
  payload: JSON.stringify(payload),
});

const machines = createStepFunctions({
  now: () => new Date(),
  newId: randomUUID,
  invoke: async (name, text) => {
    const payload = JSON.parse(text) as Record<string, string>;
    calls.push({ name, payload });
    return answers.get(payload['task'] ?? '') ?? returned({ done: payload['task'] });
  },
});
let server: LocalServer;
let sfn: SFNClient;

beforeAll(async () => {
  server = await serveActions('Step Functions', machines.actions);
  sfn = new SFNClient({ ...clientConfig(server.url), maxAttempts: 1 });
});
afterAll(async () => {
  machines.stop();
  sfn.destroy();
  await server.close();
});

const task = (name: string, next: object, more: object = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: FUNCTION, Payload: { task: name, 'input.$': '$' } },
  TimeoutSeconds: 10,
  ...more,
  ...next,
});

const asking = (timeoutSeconds: number) => ({
  StartAt: 'Ask',
  States: {
    Ask: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Parameters: { FunctionName: FUNCTION, Payload: { task: 'ask', 'token.$': '$$.Task.Token' } },
      TimeoutSeconds: timeoutSeconds,
      Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Late' }],
      End: true,
    },
    Late: { Type: 'Pass', Result: 'late', End: true },
  },
});

async function machine(definition: object): Promise<string> {
  const made = await sfn.send(
    new CreateStateMachineCommand({
      name: randomUUID(),
      roleArn: 'arn:aws:iam::000000000000:role/machine',
      definition: JSON.stringify(definition),
    }),
  );
  return made.stateMachineArn ?? '';
}

async function started(stateMachineArn: string, input: object = {}): Promise<string> {
  const made = await sfn.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }));
  return made.executionArn ?? '';
}

/** Waits until it has ended, five seconds at most. */
async function ended(executionArn: string) {
  for (let tries = 0; ; tries += 1) {
    const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (execution.status !== 'RUNNING' || tries > 100) return execution;
    await pause(50);
  }
}

async function tokenAsked(before: number): Promise<string> {
  for (let tries = 0; tries < 100; tries += 1) {
    const token = calls.slice(before).find(({ payload }) => payload['task'] === 'ask')?.payload['token'];
    if (token !== undefined) return token;
    await pause(20);
  }
  throw new Error('nobody was asked');
}

const succeed = (taskToken: string, output: object) =>
  sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));

test('a task invokes its function, whatever alias it is named by, and the answer is its Payload', async () => {
  const executionArn = await started(
    await machine({ StartAt: 'Work', States: { Work: task('work', { End: true }) } }),
    { a: 1 },
  );
  const { status, output } = await ended(executionArn);
  expect(status).toBe('SUCCEEDED');
  expect(JSON.parse(output ?? '')).toMatchObject({ Payload: { done: 'work' }, StatusCode: 200 });
  expect(calls.at(-1)).toEqual({ name: 'worker', payload: { task: 'work', input: { a: 1 } } });
});

test('an error of the function has the name that the machine catches', async () => {
  answers.set('break', { outcome: 'failed', errorType: 'PermanentError', message: 'no' });
  const executionArn = await started(
    await machine({ StartAt: 'Work', States: { Work: task('break', { End: true }) } }),
  );
  expect(await ended(executionArn)).toMatchObject({ status: 'FAILED', error: 'PermanentError', cause: 'no' });
});

test('a task waits for its token, and goes on with what is said', async () => {
  const before = calls.length;
  const executionArn = await started(await machine(asking(30)));
  const token = await tokenAsked(before);
  expect(await sfn.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({ status: 'RUNNING' });
  await succeed(token, { decision: 'yes' });
  expect(JSON.parse((await ended(executionArn)).output ?? '')).toEqual({ decision: 'yes' });
});

test('a token counts once: the second answer is refused and changes nothing', async () => {
  const before = calls.length;
  const executionArn = await started(await machine(asking(30)));
  const token = await tokenAsked(before);
  const both = await Promise.allSettled([succeed(token, { first: 1 }), succeed(token, { second: 2 })]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  await expect(succeed(token, {})).rejects.toMatchObject({ name: 'TaskTimedOut' });
  await expect(succeed('guessed', {})).rejects.toMatchObject({ name: 'InvalidToken' });
  const said = both[0]?.status === 'fulfilled' ? { first: 1 } : { second: 2 };
  expect(JSON.parse((await ended(executionArn)).output ?? '')).toEqual(said);
});

test('after its time the machine goes on without an answer, and hears none', async () => {
  const before = calls.length;
  const executionArn = await started(await machine(asking(1)));
  const token = await tokenAsked(before);
  expect(await ended(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '"late"' });
  await expect(succeed(token, {})).rejects.toMatchObject({ name: 'TaskTimedOut' });
});

test('a failure that is sent has its name', async () => {
  const before = calls.length;
  const executionArn = await started(await machine(asking(30)));
  const taskToken = await tokenAsked(before);
  await sfn.send(new SendTaskFailureCommand({ taskToken, error: 'Refused', cause: 'because' }));
  expect(await ended(executionArn)).toMatchObject({ status: 'FAILED', error: 'Refused', cause: 'because' });
});

test('each item of a map waits for a token of its own', async () => {
  const before = calls.length;
  const executionArn = await started(
    await machine({
      StartAt: 'Each',
      States: { Each: { Type: 'Map', ItemsPath: '$.items', ItemProcessor: asking(30), End: true } },
    }),
    { items: [1, 2] },
  );
  await tokenAsked(before);
  for (let tries = 0; calls.length < before + 2 && tries < 100; tries += 1) await pause(20);
  const given = calls.slice(before).map(({ payload }) => payload['token'] ?? '');
  expect(new Set(given).size).toBe(2);
  for (const token of given) await succeed(token, { token });
  const output = JSON.parse((await ended(executionArn)).output ?? '') as { token: string }[];
  expect(output.map(({ token }) => token).toSorted()).toEqual(given.toSorted());
});

test('a name starts once: again with the same input is the same execution, with another it is refused', async () => {
  const stateMachineArn = await machine(asking(30));
  const start = (input: string) =>
    sfn.send(new StartExecutionCommand({ stateMachineArn, name: 'once', input }));
  const { executionArn } = await start('{"a":1}');
  expect((await start('{"a":1}')).executionArn).toBe(executionArn);
  await expect(start('{"a":2}')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
  const { executions = [] } = await sfn.send(
    new ListExecutionsCommand({ stateMachineArn, statusFilter: 'RUNNING' }),
  );
  expect(executions.map(({ name }) => name)).toEqual(['once']);
});

test('a machine is brought up to date', async () => {
  const stateMachineArn = await machine(asking(30));
  const definition = JSON.stringify({ StartAt: 'Now', States: { Now: { Type: 'Succeed' } } });
  await sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition }));
  expect(await ended(await started(stateMachineArn))).toMatchObject({ status: 'SUCCEEDED' });
});

test.each([
  ['is not in the language', { StartAt: 'Nowhere', States: {} }],
  [
    'does what nothing here does',
    {
      StartAt: 'Send',
      States: { Send: task('x', { End: true }, { Resource: 'arn:aws:states:::sqs:sendMessage' }) },
    },
  ],
  [
    'waits without a limit',
    { StartAt: 'W', States: { W: task('x', { End: true }, { TimeoutSeconds: undefined }) } },
  ],
])('a machine that %s is refused', async (_what, definition) => {
  await expect(machine(definition)).rejects.toMatchObject({ name: 'InvalidDefinition' });
});

test('an execution of no machine is refused', async () => {
  await expect(started('arn:aws:states:eu-west-1:000000000000:stateMachine:none')).rejects.toMatchObject({
    name: 'StateMachineDoesNotExist',
  });
});
