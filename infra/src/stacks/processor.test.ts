import { parseConfig } from '@aftercall/processor/config';
import { expect, test } from '@jest/globals';
import { actionsFor, deployedCalls, entrySource, type Calls } from '../deployed-calls.ts';
import {
  conditionsByResource,
  grantsByResource,
  resources,
  runtimeEnvironmentOf,
  synthesisedStacks,
} from '../synthesised-stacks.ts';

const dev = synthesisedStacks('dev').processor;

const EVENTS = '${data.aws_sqs_queue.events.arn}';
const DEAD_LETTERS = '${data.aws_sqs_queue.events_dead.arn}';
const LEDGER = '${data.aws_dynamodb_table.ledger.arn}';
const CONVERSATIONS = '${data.aws_dynamodb_table.conversations.arn}';
const SET_ASIDE_TABLE = '${data.aws_dynamodb_table.set_aside_table.arn}';
const SET_ASIDE_BUCKET = '${data.aws_s3_bucket.set_aside_bucket.arn}';
const QUARANTINE = `${SET_ASIDE_BUCKET}/quarantine/*`;
const ARCHIVE = `${SET_ASIDE_BUCKET}/archive/*`;
const CIRCUITS = '${data.aws_ssm_parameter.circuits.arn}';
const DELIVERIES = '${data.aws_s3_bucket.deliveries.arn}/deliveries/*';
const ITEMS = '${data.aws_s3_bucket.deliveries.arn}/items/*';

/** Which file sends which command where. */
const CALLS: Calls = {
  'apps/processor/src/dynamodb-conversations.ts BatchGetCommand': [CONVERSATIONS],
  'apps/processor/src/dynamodb-conversations.ts PutCommand': [CONVERSATIONS],
  'apps/processor/src/s3-deliveries.ts GetObjectCommand': [DELIVERIES],
  'apps/processor/src/s3-deliveries.ts PutObjectCommand': [ITEMS],
  'libs/circuit-breaker/src/ssm-shared-circuits.ts GetParameterCommand': [CIRCUITS],
  'libs/circuit-breaker/src/ssm-shared-circuits.ts PutParameterCommand': [CIRCUITS],
  'libs/facts/src/eventbridge-facts.ts PutEventsCommand': ['${data.aws_cloudwatch_event_bus.bus.arn}'],
  'libs/idempotency/src/dynamodb-ledger-store.ts GetCommand': [LEDGER],
  'libs/idempotency/src/dynamodb-ledger-store.ts PutCommand': [LEDGER],
  'libs/idempotency/src/dynamodb-ledger-store.ts UpdateCommand': [LEDGER],
  'libs/queue/src/sqs-change-visibility.ts ChangeMessageVisibilityCommand': [EVENTS],
  'libs/queue/src/sqs-dead-letter.ts SendMessageCommand': [DEAD_LETTERS],
  // A stored delivery goes back to the queue as its single events.
  'libs/queue/src/sqs-send-batch.ts SendMessageBatchCommand': [EVENTS],
  'libs/secrets/src/secretsmanager-secret-store.ts GetSecretValueCommand': [
    '${data.aws_secretsmanager_secret.sealing.arn}',
  ],
  // HEAD, and only the quarantined and the archived: dead letters are not for this role.
  'libs/set-aside/src/s3-object-store.ts HeadObjectCommand': [QUARANTINE, ARCHIVE],
  'libs/set-aside/src/s3-object-store.ts PutObjectCommand': [QUARANTINE, ARCHIVE],
  'libs/set-aside/src/dynamodb-index-store.ts PutCommand': [SET_ASIDE_TABLE],
  'libs/set-aside/src/dynamodb-index-store.ts UpdateCommand': [SET_ASIDE_TABLE],
  // Only `list` and `get` of the set-aside store make these; the test below sees that no function calls either.
  'libs/set-aside/src/s3-object-store.ts GetObjectCommand': [],
  'libs/set-aside/src/dynamodb-index-store.ts GetCommand': [],
  'libs/set-aside/src/dynamodb-index-store.ts QueryCommand': [],
  'libs/idempotency/src/dynamodb-ledger-store.ts DeleteCommand': [],
};

/** What Lambda itself does to the queue, in the name of the function. */
const POLLING = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'];

test('processor of stage dev is what was reviewed', () => {
  expect(dev).toMatchSnapshot();
});

test.each([
  ['local', 'aftercall', 315_619_200],
  ['dev', 'aftercall-dev', 6_048_000],
])('the processor accepts the environment that it gets on stage %s', (stage, busName, retentionSeconds) => {
  const config = parseConfig(runtimeEnvironmentOf(synthesisedStacks(stage).processor));
  expect(config).toMatchObject({
    busName,
    retentionSeconds,
    ledgerTable: `aftercall-${stage}-ledger`,
    defaultOrg: 'main',
    maxAttempts: 3,
    rawPayload: 'dropped',
  });
  expect([...config.sources.keys()]).toEqual(['main', 'messaging', 'relay']);
  expect(Object.fromEntries(config.sentimentScores)).toEqual({ negative: -1, neutral: 0, positive: 1 });
  expect(Object.fromEntries(config.sentimentScales)).toEqual({
    'genesys-api': 1,
    'genesys-event': 1,
    percent: 0.01,
  });
});

test.each([
  ['local', 4],
  ['dev', 20],
])(
  'a failed message of a batch comes back alone; on stage %s at most %i batches run at once',
  (stage, atOnce) => {
    const { processor } = synthesisedStacks(stage);
    expect(resources(processor, 'aws_lambda_event_source_mapping').events_source).toMatchObject({
      event_source_arn: '${data.aws_sqs_queue.events.arn}',
      function_name: '${aws_lambda_alias.live.arn}',
      batch_size: 10,
      function_response_types: ['ReportBatchItemFailures'],
      scaling_config: { maximum_concurrency: atOnce },
    });
  },
);

test('the event source waits for the policy that lets the processor read the queue', () => {
  expect(resources(dev, 'aws_lambda_event_source_mapping').events_source?.depends_on).toEqual([
    'aws_iam_role_policy.policy',
  ]);
});

test('the processor may do on each resource exactly what its code does', async () => {
  expect(await deployedCalls('processor')).toEqual(Object.keys(CALLS).toSorted());
  expect(grantsByResource(dev)).toEqual({
    ...actionsFor(CALLS),
    [EVENTS]: [...POLLING, ...(actionsFor(CALLS)[EVENTS] ?? [])].toSorted(),
    '${aws_cloudwatch_log_group.log.arn}:*': ['logs:CreateLogStream', 'logs:PutLogEvents'],
    // What makes S3 answer 404 to a HEAD.
    [SET_ASIDE_BUCKET]: ['s3:ListBucket'],
  });
});

test('the processor only ever puts into set-aside', () => {
  const methods = [...entrySource('processor').matchAll(/\(await (?:loadSetAside\(\)|setAside)\)\.(\w+)/g)];
  expect(methods.map(([, method]) => method)).toEqual(['put']);
  expect(entrySource('processor')).not.toMatch(/\.(list|get|query)\(/);
});

test("the processor can write quarantine, its byte counts and the archive, but no dead letter, and no other consumer's claims", () => {
  expect(conditionsByResource(dev)).toEqual({
    [LEDGER]: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['processor#*'] } },
    [SET_ASIDE_TABLE]: {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['quarantine', 'usage#*', 'archive'] },
    },
  });
});
