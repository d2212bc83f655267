import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { platformApiAt } from '@aftercall/genesys-simulator';
import type { RemotePlatformControls } from '@aftercall/genesys-simulator';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from './eventually.ts';
import { analytics, outcome } from './payloads.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

const SecretId = 'aftercall/local/genesys/main/transcript-fetcher';
/** For how long functions go by what they have read; the stage's own is too long for a test. */
const SECRET_TTL_SECONDS = 2;
/** Functions log in all the time, each time with what they know then. */
const TOKEN_LIFETIME_SECONDS = 2;
const PAUSE_MILLIS = 200;
const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

interface ClientPair {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly standby: { readonly clientId: string };
}

let stage: Stage;
let secrets: SecretsManagerClient;
let lambda: LambdaClient;
let genesys: RemotePlatformControls;
beforeAll(async () => {
  const variables = { SECRET_TTL_SECONDS: String(SECRET_TTL_SECONDS) };
  stage = await startStage({ variables: { 'transcript-fetcher': variables, 'secret-rotator': variables } });
  const { endpoints, region, ...credentials } = stage.local.aws;
  secrets = new SecretsManagerClient({ endpoint: endpoints.secretsmanager, region, credentials });
  lambda = new LambdaClient({ endpoint: endpoints.lambda ?? '', region, credentials });
  genesys = platformApiAt(stage.local.genesys.api);
  await genesys.setTokenLifetime(TOKEN_LIFETIME_SECONDS);
}, 120_000);
afterAll(() => stage.stop());

async function currentPair(): Promise<ClientPair> {
  const { SecretString = '' } = await secrets.send(new GetSecretValueCommand({ SecretId }));
  const pair = JSON.parse(SecretString) as ClientPair;
  stage.keepSecret(pair.clientSecret);
  return pair;
}

const labelsOf = async (versionId: string): Promise<readonly string[]> =>
  (await secrets.send(new DescribeSecretCommand({ SecretId }))).VersionIdsToStages?.[versionId] ?? [];

const beginRotation = async (): Promise<string> =>
  (await secrets.send(new RotateSecretCommand({ SecretId }))).VersionId ?? '';

/** A step may fail on a busy machine. AWS tries a rotation again by itself; here the next request does, and says so. */
async function rotate(): Promise<ClientPair> {
  const versionId = await beginRotation();
  const isDone = async () => expect(await labelsOf(versionId)).toContain('AWSCURRENT');
  try {
    await eventually(isDone, 10);
  } catch {
    await expect(beginRotation()).rejects.toThrow('will be reattempted');
    await eventually(isDone);
  }
  return currentPair();
}

const forgetPending = (RemoveFromVersionId: string) =>
  secrets.send(
    new UpdateSecretVersionStageCommand({ SecretId, VersionStage: 'AWSPENDING', RemoveFromVersionId }),
  );

/** After it everybody goes by what is current now. */
const everybodyHasRead = () => sleep((SECRET_TTL_SECONDS + TOKEN_LIFETIME_SECONDS) * 1_000);

/** Asks for a transcript, and answers its conversation. */
async function deliverOne(): Promise<string> {
  const asked = outcome(undefined, { transcript: { available: true } });
  expect((await stage.deliver('main', analytics(`evt-${asked.conversationId}`, asked))).status).toBe(200);
  return asked.conversationId;
}

const expectTranscripts = (conversations: readonly string[]): Promise<void> =>
  eventually(async () => {
    const keys = (await stage.transcripts()).map(({ key }) => key).join();
    expect(conversations.filter((id) => !keys.includes(id))).toEqual([]);
  });

const logins = async (): Promise<readonly unknown[]> =>
  (await genesys.requests()).filter(({ path }) => path === '/oauth/token').map(({ status }) => status);

/** Asks for transcripts all the while, and answers of which conversations. */
async function underLoad(work: () => Promise<void>): Promise<readonly string[]> {
  const conversations: string[] = [];
  const ending = new AbortController();
  const load = (async () => {
    for (; !ending.signal.aborted; await sleep(PAUSE_MILLIS)) conversations.push(await deliverOne());
  })();
  try {
    await work();
  } finally {
    ending.abort();
  }
  await load;
  return conversations;
}

test('two OAuth clients take turns in mid-load, and none of their logins is refused', async () => {
  const first = await currentPair();
  await expectTranscripts([await deliverOne()]);
  let loginsBefore = 0;
  const conversations = await underLoad(async () => {
    const second = await rotate();
    expect(second).toMatchObject({
      clientId: first.standby.clientId,
      standby: { clientId: first.clientId, clientSecret: first.clientSecret },
    });
    await everybodyHasRead();
    loginsBefore = (await logins()).length;
    // The first client's secret is void from here on: who had not changed clients would be refused.
    const third = await rotate();
    expect(third.clientId).toBe(first.clientId);
    expect(third.clientSecret).not.toBe(first.clientSecret);
    await everybodyHasRead();
  });
  await expectTranscripts(conversations);
  expect(new Set(await logins())).toEqual(new Set([200]));
  // Beyond the rotator's own two.
  expect((await logins()).length).toBeGreaterThan(loginsBefore + 2);
  expect(await stage.deadLettersOf('transcript')).toBe(0);
}, 90_000);

test('a test step that fails leaves the client before it at work, and the next rotation goes through', async () => {
  const before = await currentPair();
  const body = { secret: 'not-what-the-client-logs-in-with' };
  stage.keepSecret(body.secret);
  await genesys.addFault({ on: 'POST /api/v2/oauth/clients', fault: { kind: 'wrong-json', body } });
  const failing = await beginRotation();
  await eventually(() =>
    expect(stage.logs('secret-rotator')).toContainEqual(
      expect.objectContaining({ step: 'testSecret', result: 'failed', versionId: failing }),
    ),
  );
  await genesys.clearFaults();
  expect(await currentPair()).toEqual(before);
  await expectTranscripts([await deliverOne()]);

  await forgetPending(failing);
  expect((await rotate()).clientId).toBe(before.standby.clientId);
  await everybodyHasRead();
  await expectTranscripts([await deliverOne()]);
}, 90_000);

test('steps that nobody has asked for, or out of order, say what to do, and the value in use stays', async () => {
  const before = await currentPair();
  const call = async (Step: string, ClientRequestToken: string) => {
    const event = { Step, SecretId, ClientRequestToken };
    const FunctionName = 'aftercall-local-secret-rotator';
    const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }));
    return (JSON.parse(answer.Payload?.transformToString() ?? '') as { errorMessage?: string } | null)
      ?.errorMessage;
  };
  for (const step of STEPS)
    expect(await call(step, randomUUID())).toMatch(/has no pending version .*: start a rotation/);

  const stray = { ...before, clientSecret: 'written-by-hand' };
  stage.keepSecret(stray.clientSecret);
  const { VersionId = '' } = await secrets.send(
    new PutSecretValueCommand({
      SecretId,
      SecretString: JSON.stringify(stray),
      VersionStages: ['AWSPENDING'],
    }),
  );
  expect(await call('finishSecret', VersionId)).toContain('does not follow the current one');
  await forgetPending(VersionId);
  expect(await currentPair()).toEqual(before);
}, 60_000);

test('no secret is in any log', async () => {
  await expect(stage.leaks()).resolves.toEqual([]);
});
