import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createClients, destroyClients } from '../aws/clients.ts';
import type { Clients, Endpoints } from '../aws/clients.ts';
import { startEmbeddedAws } from '../aws/embedded-aws.ts';
import { createUnwinding } from '../unwinding.ts';
import { apply } from './apply.ts';

const MACHINE = 'arn:aws:states:eu-west-1:000000000000:stateMachine:reviews';

const calls: unknown[] = [];
const unwinding = createUnwinding({ report: () => undefined });
let endpoints: Endpoints;
let clients: Clients;

beforeAll(async () => {
  const invoke = async (name: string, payload: string) => {
    calls.push({ name, payload: JSON.parse(payload) as unknown });
    return { outcome: 'returned' as const, payload: '{}' };
  };
  const now = () => new Date();
  ({ endpoints } = await startEmbeddedAws({ unwinding, now, invoke, report: () => undefined }));
  clients = createClients(endpoints);
  unwinding.add(() => destroyClients(clients));
});
afterAll(() => unwinding.run());

const definition = (task: string) =>
  JSON.stringify({
    StartAt: 'Work',
    States: {
      Work: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Parameters: {
          FunctionName: 'arn:aws:lambda:eu-west-1:000000000000:function:worker',
          Payload: { task, 'alarm.$': '$.detail.name' },
        },
        TimeoutSeconds: 10,
        End: true,
      },
    },
  });

/** A stack with a machine behind a rule. */
const stack = (task: string) => ({
  resource: {
    aws_sfn_state_machine: {
      machine: {
        name: 'reviews',
        definition: definition(task),
        role_arn: 'arn:aws:iam::000000000000:role/m',
      },
    },
    aws_cloudwatch_event_rule: {
      rule: { name: 'alarms', event_pattern: JSON.stringify({ source: ['test'] }) },
    },
    aws_cloudwatch_event_target: {
      target: {
        rule: '${aws_cloudwatch_event_rule.rule.name}',
        target_id: 'machine',
        arn: '${aws_sfn_state_machine.machine.arn}',
        role_arn: 'arn:aws:iam::000000000000:role/rule',
      },
    },
  },
});

async function applied(terraform: object) {
  const directory = mkdtempSync(join(tmpdir(), 'aftercall-machine-'));
  mkdirSync(join(directory, 'stacks/one'), { recursive: true });
  writeFileSync(join(directory, 'stacks/one/cdk.tf.json'), JSON.stringify(terraform));
  return apply(directory, { clients, endpoints, httpUrl: 'http://127.0.0.1:9', note: () => undefined });
}

async function putEvent(name: string): Promise<void> {
  const Detail = JSON.stringify({ name });
  const before = calls.length;
  await clients.events.send(
    new PutEventsCommand({ Entries: [{ Source: 'test', DetailType: 'Test', Detail }] }),
  );
  for (let tries = 0; calls.length === before && tries < 100; tries += 1) await pause(50);
}

test('an event starts the machine of a stack once, and a machine that is there is brought up to date', async () => {
  const { unknownTypes, resources } = await applied(stack('first'));
  expect(unknownTypes).toEqual([]);
  expect(resources.find(({ type }) => type === 'aws_sfn_state_machine')?.attributes).toMatchObject({
    arn: MACHINE,
  });
  await putEvent('a');
  await applied(stack('second'));
  await putEvent('b');
  expect(calls).toEqual([
    { name: 'worker', payload: { task: 'first', alarm: 'a' } },
    { name: 'worker', payload: { task: 'second', alarm: 'b' } },
  ]);
  const { executions = [] } = await clients.sfn.send(new ListExecutionsCommand({ stateMachineArn: MACHINE }));
  expect(executions).toHaveLength(2);
  for (const { name } of executions) expect(name).toMatch(/^[0-9a-f-]{36}_alarms$/);
});

test('a rule needs a role to start a machine', async () => {
  const wanted = stack('first');
  const { role_arn: _role, ...target } = wanted.resource.aws_cloudwatch_event_target.target;
  const resource = { ...wanted.resource, aws_cloudwatch_event_target: { target } };
  await expect(applied({ resource })).rejects.toThrow('RoleArn is required');
});
