import { parseConfig } from '@aftercall/backfill/config';
import { expect, test } from '@jest/globals';
import { POLLING } from '../constructs/queue-source.ts';
import { actionsFor, deployedCalls, type Calls } from '../deployed-calls.ts';
import { stageNamed } from '../stages.ts';
import {
  conditionsByResource,
  grantsByResource,
  resources,
  runtimeEnvironmentOf,
  synthesisedStacks,
} from '../synthesised-stacks.ts';

const dev = synthesisedStacks('dev').backfill;

const QUEUE = '${aws_sqs_queue.queue.arn}';
const DEAD_LETTERS = '${aws_sqs_queue.queue_dead.arn}';
const EVENTS = '${data.aws_sqs_queue.events.arn}';
const RUNS = '${aws_dynamodb_table.backfill_table.arn}';
const LEDGER = '${data.aws_dynamodb_table.ledger.arn}';
const CONVERSATIONS = '${data.aws_dynamodb_table.conversations.arn}';
const SECRETS = [
  '${data.aws_secretsmanager_secret.sealing.arn}',
  '${aws_secretsmanager_secret.genesys_main.arn}',
];

/** Which file sends which command where. */
const CALLS: Calls = {
  'apps/backfill/src/dynamodb-recorded-outcomes.ts BatchGetCommand': [CONVERSATIONS, LEDGER],
  'apps/backfill/src/dynamodb-runs-store.ts GetCommand': [RUNS],
  'apps/backfill/src/dynamodb-runs-store.ts PutCommand': [RUNS],
  'apps/backfill/src/dynamodb-runs-store.ts UpdateCommand': [RUNS],
  'libs/queue/src/sqs-change-visibility.ts ChangeMessageVisibilityCommand': [QUEUE],
  'libs/queue/src/sqs-dead-letter.ts SendMessageCommand': [DEAD_LETTERS],
  'libs/queue/src/sqs-send-batch.ts SendMessageBatchCommand': [EVENTS, QUEUE],
  'libs/secrets/src/secretsmanager-secret-store.ts GetSecretValueCommand': SECRETS,
};

test('backfill of stage dev is what was reviewed', () => {
  expect(dev).toMatchSnapshot();
});

test.each(['local', 'dev'])('backfill accepts the environment that it gets on stage %s', (stage) => {
  const config = parseConfig(runtimeEnvironmentOf(synthesisedStacks(stage).backfill));
  expect(config).toMatchObject({ stage, backfillTable: `aftercall-${stage}-backfill`, defaultOrg: 'main' });
  expect([...config.sources.keys()]).toEqual(['backfill']);
  expect([...config.genesysOrgs.keys()]).toEqual(['main']);
});

test('backfill may do on each resource exactly what its code does', async () => {
  expect(await deployedCalls('backfill')).toEqual(Object.keys(CALLS).toSorted());
  expect(grantsByResource(dev)).toEqual({
    ...actionsFor(CALLS),
    [QUEUE]: [...POLLING, ...(actionsFor(CALLS)[QUEUE] ?? [])].toSorted(),
    '${aws_cloudwatch_log_group.log.arn}:*': ['logs:CreateLogStream', 'logs:PutLogEvents'],
  });
});

test('backfill reads what came of events, of the ledger what the processor has done, and changes none of it', () => {
  for (const table of [LEDGER, CONVERSATIONS])
    expect(grantsByResource(dev)[table]).toEqual(['dynamodb:BatchGetItem']);
  expect(conditionsByResource(dev)).toEqual({
    [LEDGER]: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['processor#*'] } },
  });
});

test('an interval is worked on alone, by one function at a time, and how far it has got is forgotten by itself', () => {
  expect(resources(dev, 'aws_lambda_event_source_mapping').queue_source).toMatchObject({ batch_size: 1 });
  expect(resources(dev, 'aws_lambda_function').backfill?.reserved_concurrent_executions).toBe(1);
  expect(resources(dev, 'aws_dynamodb_table').backfill_table).toMatchObject({
    name: 'aftercall-dev-backfill',
    hash_key: 'run',
    ttl: { attribute_name: 'expiresAt', enabled: true },
    deletion_protection_enabled: true,
  });
});

test('an organisation that shares tokens has one store, whose secret its functions read', () => {
  const { genesys = [], ...rest } = stageNamed('dev');
  const shared = synthesisedStacks({
    ...rest,
    genesys: genesys.map((one) => ({ ...one, sharesTokens: true })),
  });
  const name = 'aftercall/dev/token-store';
  expect(resources(shared.foundation, 'aws_secretsmanager_secret')['token_store']).toMatchObject({ name });
  const { genesysOrgs } = parseConfig(runtimeEnvironmentOf(shared.backfill));
  expect(genesysOrgs.get('main')?.tokenStoreSecretName).toBe(name);
  expect(grantsByResource(shared.backfill)['${data.aws_secretsmanager_secret.token_store.arn}']).toEqual([
    'secretsmanager:GetSecretValue',
  ]);
  expect(resources(synthesisedStacks('dev').foundation, 'aws_secretsmanager_secret')).not.toHaveProperty(
    'token_store',
  );
});
