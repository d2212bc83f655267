import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { sdkSecretsManager } from '@aftercall/aws-json/sdk-secrets-manager';
import type { Names, RouteName, StageConfig } from '@aftercall/infra';
import type { LocalJson } from '@aftercall/local';
import { secretsManagerSecretStore } from '@aftercall/secrets';
import { failure, usage } from './cli-error.ts';
import { findStack } from './find-stack.ts';
import type { FoundStack } from './find-stack.ts';
import { stageGenesys } from './genesys-clients.ts';
import type { StageGenesys } from './genesys-clients.ts';
import { sourceSecretName } from './stage-access.ts';
import type { SigningSecrets, StageAccess, StageSource } from './stage-access.ts';

const LOCAL = 'local';
/** A stack that has stopped refuses at once; one that hangs is given up after this. */
const CONNECTION_TIMEOUT_MILLIS = 3_000;

export interface ConnectRequest {
  readonly stage: string;
  readonly cwd: string;
  readonly repositoryRoot: string;
}

/**
 * Opens the way to a stage; the calls themselves come later.
 *
 * @throws CliError when no stack runs here, or there is no such stage
 */
export async function connect({ stage, cwd, repositoryRoot }: ConnectRequest): Promise<StageAccess> {
  if (stage !== LOCAL) return connectAws(stage);
  const stack = await findStack(cwd, repositoryRoot);
  if (stack === undefined) {
    throw failure(
      'no stack is running here',
      'start one with `npm start` in another terminal, or name a stage on AWS with --stage',
    );
  }
  return connectLocal(stack);
}

function connectLocal(stack: FoundStack): StageAccess {
  const { aws, resources, sources } = stack.local;
  const clients = localClients(aws);
  const secrets = secretReader(LOCAL, clients.secrets);
  const currentOf = (key: string) => sources.find((source) => source.key === key)?.secret;
  return {
    stage: LOCAL,
    stack,
    sources: sources.map(
      ({ key, scheme, url }): StageSource => ({
        key,
        scheme: scheme as StageSource['scheme'],
        url,
        org: key,
      }),
    ),
    resources: {
      ...resources,
      circuitsParameter: '/aftercall/local/circuits',
      queueUrls: { events: resources.eventsQueueUrl, ...resources.queueUrls },
      deadLetterQueueUrls: {
        events: resources.eventsDeadLetterQueueUrl,
        ...resources.deadLetterQueueUrls,
      },
    },
    defaultOrg: 'main',
    clients,
    currentSecret: async (key) => currentOf(key),
    // The running stack's own word counts: its local.json is rewritten when a source is added.
    signingSecrets: async (key) => {
      const current = currentOf(key);
      return { ...(await secrets(key)), ...(current !== undefined && { current }) };
    },
    genesys: () => localGenesys(stack.local),
    close: () => destroyAll(clients),
  };
}

/** The stage's own file, with the addresses of the Genesys Cloud that the running stack plays. */
async function localGenesys({ genesys: { login, api } }: LocalJson): Promise<StageGenesys> {
  const { stageNamed, names, genesysCallers } = await import('@aftercall/infra');
  const { genesys = [], ...stage } = stageNamed(LOCAL);
  const orgs = genesys.map(({ org }) => ({ org, loginBaseUrl: login, apiBaseUrl: api }));
  const played = { ...stage, genesys: orgs };
  return stageGenesys(played, genesysCallers(played), names(stage).genesysSecret);
}

function localClients({ endpoints, region, accessKeyId, secretAccessKey }: LocalJson['aws']) {
  const at = (endpoint: string) => ({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
    requestHandler: { connectionTimeout: CONNECTION_TIMEOUT_MILLIS },
  });
  return {
    documents: DynamoDBDocumentClient.from(new DynamoDBClient(at(endpoints.dynamodb))),
    s3: new S3Client({ ...at(endpoints.s3), forcePathStyle: true }),
    sqs: new SQSClient(at(endpoints.sqs)),
    secrets: new SecretsManagerClient(at(endpoints.secretsmanager)),
    ssm: new SSMClient(at(endpoints.ssm)),
  };
}

async function connectAws(name: string): Promise<StageAccess> {
  const { stageNamed, names, genesysCallers, ROUTES, StageError } = await import('@aftercall/infra');
  try {
    const stage = stageNamed(name);
    const named = names(stage);
    const { region } = stage;
    const clients = {
      documents: DynamoDBDocumentClient.from(new DynamoDBClient({ region })),
      s3: new S3Client({ region }),
      sqs: new SQSClient({ region }),
      secrets: new SecretsManagerClient({ region }),
      ssm: new SSMClient({ region }),
    };
    const secrets = secretReader(name, clients.secrets);
    return {
      stage: name,
      sources: stage.sources.map(({ key, scheme, org }): StageSource => ({ key, scheme, org: org ?? key })),
      resources: {
        ...named,
        ...queueUrls(stage, named, Object.keys(ROUTES) as RouteName[]),
      },
      defaultOrg: stage.defaultOrg,
      clients,
      currentSecret: async (key) => (await secrets(key)).current,
      signingSecrets: secrets,
      genesys: async () => stageGenesys(stage, genesysCallers(stage), named.genesysSecret),
      close: () => destroyAll(clients),
    };
  } catch (error) {
    if (error instanceof StageError) throw usage(error.message, 'stages are files in infra/stages');
    throw error;
  }
}

/** The queues that the stage's stacks make: a stage without a section has no queue for it. */
function queueUrls(stage: StageConfig, named: Names, routes: readonly RouteName[]) {
  const { account, region, compliance, crm, transcripts, partner, backfill, warehouse } = stage;
  const queueUrl = (queue: string): string => `https://sqs.${region}.amazonaws.com/${account}/${queue}`;
  const wanted = { crm, transcript: transcripts, iceberg: warehouse?.iceberg };
  const there = routes.filter((route) => !(route in wanted) || wanted[route as keyof typeof wanted]);
  // What EventBridge delivers by itself has a dead-letter queue and no other.
  const isDelivered = (route: RouteName): boolean => route === 'crm' || route === 'iceberg';
  const functions = [
    ...there.filter((route) => !isDelivered(route)),
    ...(partner ? (['partner-inbox'] as const) : []),
    ...(backfill ? (['backfill'] as const) : []),
  ];
  const dead = [...functions, ...there.filter(isDelivered)];
  const urls = <T extends string>(keys: readonly T[], nameOf: (key: T) => string) =>
    Object.fromEntries(keys.map((key) => [key, queueUrl(nameOf(key))]));
  return {
    queueUrls: { events: queueUrl(named.eventsQueue), ...urls(functions, named.queue) },
    deadLetterQueueUrls: {
      events: queueUrl(named.eventsDeadLetterQueue),
      ...urls(dead, named.deadLetterQueue),
      ...Object.fromEntries(
        compliance.teams.map((team) => [`qa-${team}`, queueUrl(named.qaDeadLetterQueue(team))]),
      ),
    },
    qaQueueUrls: urls(compliance.teams, named.qaQueue),
  };
}

function secretReader(stage: string, client: SecretsManagerClient) {
  const store = secretsManagerSecretStore(sdkSecretsManager(client));
  return async (sourceKey: string): Promise<SigningSecrets> => {
    const name = sourceSecretName(stage, sourceKey);
    const [current, previous] = await Promise.all([
      store.getSecretValue(name, 'AWSCURRENT'),
      store.getSecretValue(name, 'AWSPREVIOUS'),
    ]);
    return { ...(current !== undefined && { current }), ...(previous !== undefined && { previous }) };
  };
}

function destroyAll(clients: StageAccess['clients']): void {
  for (const client of Object.values(clients)) client.destroy();
}
