import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startStack } from '@aftercall/local';
import type { Stack } from '@aftercall/local';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandLineIn } from './test-command-line.ts';

const directory = mkdtempSync(join(tmpdir(), 'aftercall-circuit-'));
const aftercall = commandLineIn(directory);
const Name = '/aftercall/local/circuits';
let stack: Stack;
let ssm: SSMClient;

beforeAll(async () => {
  stack = await startStack({ directory });
  const { region, endpoints, accessKeyId, secretAccessKey } = stack.local.aws;
  ssm = new SSMClient({ region, endpoint: endpoints.ssm, credentials: { accessKeyId, secretAccessKey } });
}, 120_000);
afterAll(async () => {
  ssm.destroy();
  await stack.stop();
});

const value = async () => (await ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value;

describe('aftercall circuit', () => {
  test('shows what is opened by hand, and closes it', async () => {
    expect((await aftercall('circuit', 'status')).out).toBe('every circuit is closed\n');
    expect((await aftercall('circuit', 'open', 'events', '--reason', 'the bus moves')).exitCode).toBe(0);
    expect((await aftercall('circuit', 'status', '--json')).document()).toMatchObject({
      open: [{ downstream: 'events', mode: 'manual', reason: 'the bus moves' }],
    });
    const closed = await aftercall('circuit', 'close', 'events', '--reason', 'it has moved', '--json');
    expect(closed.document()).toMatchObject({ downstream: 'events', wasOpen: true });
    expect(await value()).toBe('{"circuits":{}}');
  });

  test('changes nothing in a dry run', async () => {
    const ran = await aftercall('circuit', 'open', 'events', '--reason', 'to see', '--dry-run', '--json');
    expect(ran.document()).toMatchObject({ result: 'would open' });
    expect(await value()).toBe('{"circuits":{}}');
  });

  test.each([
    ['no reason', ['circuit', 'open', 'events']],
    ['an empty one', ['circuit', 'close', 'events', '--reason', ' ']],
    ['no name of a downstream', ['circuit', 'open', '../events', '--reason', 'x']],
  ])('%s is wrong usage', async (_case, args) => {
    expect((await aftercall(...args)).exitCode).toBe(2);
  });

  test('names garbage in the parameter, and repairs it', async () => {
    await ssm.send(new PutParameterCommand({ Name, Value: 'garbage', Overwrite: true }));
    const status = await aftercall('circuit', 'status');
    expect(status).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('cannot be read (is not JSON)'),
    });
    expect((await aftercall('circuit', 'close', 'events', '--reason', 'repair')).exitCode).toBe(0);
    expect(await value()).toBe('{"circuits":{}}');
  });
});
