import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { platformApiAt } from '@aftercall/genesys-simulator';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from './eventually.ts';
import { analytics, outcome } from './payloads.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

const SecretId = 'aftercall/local/genesys/main/transcript-fetcher';
/** For how long functions go by what they have read; the stage's own is too long for a test. */
const SECRET_TTL_SECONDS = '2';
const PAUSE_MILLIS = 200;
const PATIENCE_SECONDS = 120;

interface ClientPair {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly standby: { readonly clientId: string };
}

let stage: Stage;
let secrets: SecretsManagerClient;
beforeAll(async () => {
  stage = await startStage({
    variables: { 'transcript-fetcher': { SECRET_TTL_SECONDS }, 'secret-rotator': { SECRET_TTL_SECONDS } },
  });
  const { endpoints, region, accessKeyId, secretAccessKey } = stage.local.aws;
  secrets = new SecretsManagerClient({
    endpoint: endpoints.secretsmanager,
    region,
    credentials: { accessKeyId, secretAccessKey },
  });
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

/** Each asks for a transcript, and answers its conversation. */
async function deliverOne(): Promise<string> {
  const asked = outcome(undefined, { transcript: { available: true } });
  expect((await stage.deliver('main', analytics(`evt-${asked.conversationId}`, asked))).status).toBe(200);
  return asked.conversationId;
}

async function expectTranscripts(conversations: readonly string[]): Promise<void> {
  await eventually(async () => {
    const keys = (await stage.transcripts()).map(({ key }) => key).join();
    expect(conversations.filter((id) => !keys.includes(id))).toEqual([]);
  }, PATIENCE_SECONDS);
}

test('an OAuth client that is rotated in mid-load is refused no call', async () => {
  const genesys = platformApiAt(stage.local.genesys.api);
  const before = await currentPair();
  const conversations: string[] = [];
  const ending = new AbortController();
  const load = (async () => {
    for (; !ending.signal.aborted; await sleep(PAUSE_MILLIS)) conversations.push(await deliverOne());
  })();
  await sleep(2_500);
  const { VersionId = '' } = await secrets.send(new RotateSecretCommand({ SecretId }));
  await eventually(async () => expect(await labelsOf(VersionId)).toContain('AWSCURRENT'));
  // Functions still go by the value before, and have to log in with it.
  await genesys.revokeTokens();
  await sleep(2 * Number(SECRET_TTL_SECONDS) * 1_000);
  await genesys.revokeTokens();
  ending.abort();
  await load;
  await expectTranscripts(conversations);
  const after = await currentPair();
  expect(after).toMatchObject({
    clientId: before.standby.clientId,
    standby: { clientId: before.clientId, clientSecret: before.clientSecret },
  });
  const logins = (await genesys.requests()).filter(({ path }) => path === '/oauth/token');
  expect(new Set(logins.map(({ status }) => status))).toEqual(new Set([200]));
  expect(await stage.deadLettersOf('transcript')).toBe(0);
}, 300_000);

test('a test step that fails leaves the client before it at work, and the next rotation goes through', async () => {
  const genesys = platformApiAt(stage.local.genesys.api);
  const before = await currentPair();
  await sleep(Number(SECRET_TTL_SECONDS) * 1_000);
  const body = { secret: 'not-what-the-client-logs-in-with' };
  await genesys.addFault({ on: 'POST /api/v2/oauth/clients', fault: { kind: 'wrong-json', body } });
  const { VersionId = '' } = await secrets.send(new RotateSecretCommand({ SecretId }));
  await eventually(() =>
    expect(stage.logs('secret-rotator')).toContainEqual(
      expect.objectContaining({ step: 'testSecret', result: 'failed', versionId: VersionId }),
    ),
  );
  await genesys.clearFaults();
  expect(await currentPair()).toEqual(before);
  await genesys.revokeTokens();
  await expectTranscripts([await deliverOne()]);

  const label = { SecretId, VersionStage: 'AWSPENDING' };
  await secrets.send(new UpdateSecretVersionStageCommand({ ...label, RemoveFromVersionId: VersionId }));
  const { VersionId: next = '' } = await secrets.send(new RotateSecretCommand({ SecretId }));
  await eventually(async () => expect(await labelsOf(next)).toContain('AWSCURRENT'));
  expect((await currentPair()).clientId).toBe(before.standby.clientId);
  await genesys.revokeTokens();
  await expectTranscripts([await deliverOne()]);
}, 300_000);

test('no secret is in any log', async () => {
  await expect(stage.leaks()).resolves.toEqual([]);
});
