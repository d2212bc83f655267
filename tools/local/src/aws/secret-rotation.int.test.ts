import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { clientConfig } from './clients.ts';
import { serveActions } from './json-target-server.ts';
import { secretsManagerActions } from './secrets-manager.ts';

interface Step {
  readonly Step: string;
  readonly SecretId: string;
  readonly ClientRequestToken: string;
}

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => void (await Promise.all(closing.splice(0).map((close) => close()))));

/** Secrets Manager with a function that rotates as AWS describes it. */
async function setUp({ fails }: { readonly fails?: () => string | undefined } = {}) {
  const reports: string[] = [];
  const called: string[] = [];
  const rotate = async (functionArn: string, text: string): Promise<void> => {
    const { Step: step, SecretId, ClientRequestToken: token } = JSON.parse(text) as Step;
    called.push(step);
    if (fails?.() === step) throw new Error('this step fails');
    if (step === 'createSecret') {
      const VersionStages = ['AWSPENDING'];
      await client.send(
        new PutSecretValueCommand({
          SecretId,
          ClientRequestToken: token,
          SecretString: functionArn,
          VersionStages,
        }),
      );
    }
    if (step !== 'finishSecret') return;
    const { VersionId: old } = await client.send(new GetSecretValueCommand({ SecretId }));
    await client.send(
      new UpdateSecretVersionStageCommand({
        SecretId,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: token,
        RemoveFromVersionId: old,
      }),
    );
  };
  const server = await serveActions(
    'Secrets Manager',
    secretsManagerActions({
      now: () => new Date(),
      invokeRotation: rotate,
      report: (line) => reports.push(line),
    }),
  );
  const client = new SecretsManagerClient(clientConfig(server.url));
  closing.push(async () => {
    client.destroy();
    await server.close();
  });
  await client.send(new CreateSecretCommand({ Name: 's', SecretString: 'first' }));
  const value = async (VersionStage: string) =>
    (await client.send(new GetSecretValueCommand({ SecretId: 's', VersionStage }))).SecretString;
  const described = () => client.send(new DescribeSecretCommand({ SecretId: 's' }));
  return { client, called, reports, value, described };
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(5);
}

const FUNCTION = 'arn:aws:lambda:eu-west-1:000000000000:function:rotator';
const configure = { SecretId: 's', RotationLambdaARN: FUNCTION, RotateImmediately: false };

test('a rotation is set up without rotating, and rotates when it is asked to, in four steps', async () => {
  const { client, called, value, described } = await setUp();
  const rules = { AutomaticallyAfterDays: 30 };
  await client.send(new RotateSecretCommand({ ...configure, RotationRules: rules }));
  expect(called).toEqual([]);
  expect(await described()).toMatchObject({
    RotationEnabled: true,
    RotationLambdaARN: FUNCTION,
    RotationRules: rules,
  });
  await client.send(new RotateSecretCommand({ SecretId: 's' }));
  await until(async () => (await described()).LastRotatedDate !== undefined);
  expect(called).toEqual(['createSecret', 'setSecret', 'testSecret', 'finishSecret']);
  expect([await value('AWSCURRENT'), await value('AWSPREVIOUS')]).toEqual([FUNCTION, 'first']);
});

test('the version to fill is pending and empty before the first step', async () => {
  let fails: string | undefined = 'createSecret';
  const { client, value, described, reports } = await setUp({ fails: () => fails });
  await client.send(new RotateSecretCommand(configure));
  const { VersionId = '' } = await client.send(new RotateSecretCommand({ SecretId: 's' }));
  await until(() => reports.length > 0);
  expect((await described()).VersionIdsToStages?.[VersionId]).toEqual(['AWSPENDING']);
  await expect(value('AWSPENDING')).rejects.toThrow(
    expect.objectContaining({ name: 'ResourceNotFoundException' }),
  );
  fails = undefined;
});

test('a step that fails ends it with the current value untouched; the next request takes the same version up', async () => {
  let fails: string | undefined = 'testSecret';
  const { client, called, reports, value, described } = await setUp({ fails: () => fails });
  await client.send(new RotateSecretCommand(configure));
  const { VersionId = '' } = await client.send(new RotateSecretCommand({ SecretId: 's' }));
  await until(() => reports.length > 0);
  expect(reports).toEqual([expect.stringMatching(/rotation of s failed at testSecret: .*this step fails/)]);
  expect(await value('AWSCURRENT')).toBe('first');
  fails = undefined;
  await expect(client.send(new RotateSecretCommand({ SecretId: 's' }))).rejects.toThrow(
    'will be reattempted',
  );
  await until(() => called.filter((step) => step === 'finishSecret').length > 0);
  await until(
    async () => (await described()).VersionIdsToStages?.[VersionId]?.includes('AWSCURRENT') === true,
  );
});

test('without a function nothing rotates', async () => {
  const { client } = await setUp();
  await expect(client.send(new RotateSecretCommand({ SecretId: 's' }))).rejects.toThrow(
    'No Lambda rotation function',
  );
});

test('versions say when they were made', async () => {
  const { client } = await setUp();
  await client.send(new PutSecretValueCommand({ SecretId: 's', SecretString: 'second' }));
  const { Versions = [] } = await client.send(new ListSecretVersionIdsCommand({ SecretId: 's' }));
  expect(Versions.map(({ VersionStages }) => VersionStages)).toEqual([['AWSPREVIOUS'], ['AWSCURRENT']]);
  for (const { CreatedDate } of Versions) expect(Date.now() - Number(CreatedDate)).toBeLessThan(60_000);
});
