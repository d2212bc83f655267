import { parseConfig } from '@aftercall/transcript-fetcher/config';
import { expect, test } from '@jest/globals';
import { POLLING } from '../constructs/queue-source.ts';
import { actionsFor, deployedCalls, type Calls } from '../deployed-calls.ts';
import {
  HOLDING_CALLS,
  HOLDING_CONDITION,
  SEALING_SECRET,
  SET_ASIDE_BUCKET,
  SET_ASIDE_TABLE,
} from '../holding-calls.ts';
import { validStage } from '../stage.ts';
import { stageNamed } from '../stages.ts';
import {
  conditionsByResource,
  environmentOf,
  grantsByResource,
  resources,
  runtimeEnvironmentOf,
  synthesisedStacks,
} from '../synthesised-stacks.ts';

const dev = synthesisedStacks('dev')['transcript-fetcher'];

const QUEUE = '${aws_sqs_queue.queue.arn}';
const DEAD_LETTERS = '${aws_sqs_queue.queue_dead.arn}';
const LEDGER = '${data.aws_dynamodb_table.ledger.arn}';
const CONVERSATIONS = '${data.aws_dynamodb_table.conversations.arn}';
const MISSING = '${aws_dynamodb_table.transcripts_table.arn}';
const TRANSCRIPTS = '${data.aws_s3_bucket.transcripts.arn}/transcripts/*';
const OAUTH_CLIENT = '${aws_secretsmanager_secret.genesys_main.arn}';

/** Which file sends which command where. */
const CALLS: Calls = {
  ...HOLDING_CALLS,
  'apps/transcript-fetcher/src/dynamodb-conversation-transcripts.ts GetCommand': [CONVERSATIONS],
  'apps/transcript-fetcher/src/dynamodb-conversation-transcripts.ts UpdateCommand': [CONVERSATIONS],
  'apps/transcript-fetcher/src/dynamodb-missing-transcripts.ts DeleteCommand': [MISSING],
  'apps/transcript-fetcher/src/dynamodb-missing-transcripts.ts PutCommand': [MISSING],
  'apps/transcript-fetcher/src/dynamodb-missing-transcripts.ts QueryCommand': [MISSING],
  'apps/transcript-fetcher/src/s3-multipart-uploads.ts AbortMultipartUploadCommand': [TRANSCRIPTS],
  'apps/transcript-fetcher/src/s3-multipart-uploads.ts CompleteMultipartUploadCommand': [TRANSCRIPTS],
  'apps/transcript-fetcher/src/s3-multipart-uploads.ts CreateMultipartUploadCommand': [TRANSCRIPTS],
  'apps/transcript-fetcher/src/s3-object-writer.ts PutObjectCommand': [TRANSCRIPTS],
  'apps/transcript-fetcher/src/s3-multipart-uploads.ts UploadPartCommand': [TRANSCRIPTS],
  'libs/idempotency/src/dynamodb-ledger-store.ts DeleteCommand': [],
  'libs/idempotency/src/dynamodb-ledger-store.ts GetCommand': [LEDGER],
  'libs/idempotency/src/dynamodb-ledger-store.ts PutCommand': [LEDGER],
  'libs/idempotency/src/dynamodb-ledger-store.ts UpdateCommand': [LEDGER],
  'libs/queue/src/sqs-change-visibility.ts ChangeMessageVisibilityCommand': [QUEUE],
  'libs/queue/src/sqs-dead-letter.ts SendMessageCommand': [DEAD_LETTERS],
  'libs/queue/src/sqs-send-batch.ts SendMessageBatchCommand': [QUEUE],
  'libs/secrets/src/secretsmanager-secret-store.ts GetSecretValueCommand': [OAUTH_CLIENT, SEALING_SECRET],
};

test('transcript-fetcher of stage dev is what was reviewed', () => {
  expect(dev).toMatchSnapshot();
});

test.each(['local', 'dev'])(
  'transcript-fetcher accepts the environment that it gets on stage %s',
  (stage) => {
    const config = parseConfig(runtimeEnvironmentOf(synthesisedStacks(stage)['transcript-fetcher']));
    expect(config).toMatchObject({ stage });
    expect([...config.genesysOrgs.keys()]).toEqual(['main']);
  },
);

test('transcript-fetcher may do on each resource exactly what its code does', async () => {
  expect(await deployedCalls('transcript-fetcher')).toEqual(Object.keys(CALLS).toSorted());
  expect(grantsByResource(dev)).toEqual({
    ...actionsFor(CALLS),
    [QUEUE]: [...POLLING, ...(actionsFor(CALLS)[QUEUE] ?? [])].toSorted(),
    // What makes S3 answer 404 to a HEAD.
    [SET_ASIDE_BUCKET]: ['s3:ListBucket'],
    '${aws_cloudwatch_log_group.log.arn}:*': ['logs:CreateLogStream', 'logs:PutLogEvents'],
  });
});

test("transcript-fetcher claims in its own name and touches no other consumer's claims", () => {
  expect(conditionsByResource(dev)).toEqual({
    [SET_ASIDE_TABLE]: HOLDING_CONDITION,
    [LEDGER]: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['transcript-fetcher#*'] } },
  });
});

test('what is still missing is found by the day of its first request, and forgotten by itself', () => {
  expect(resources(dev, 'aws_dynamodb_table').transcripts_table).toMatchObject({
    name: 'aftercall-dev-transcripts',
    hash_key: 'day',
    range_key: 'id',
    ttl: { attribute_name: 'expiresAt', enabled: true },
  });
});

test('a transcript has fifteen minutes, and its message waits for as long as six of them', () => {
  expect(resources(dev, 'aws_lambda_function')['transcript-fetcher']?.timeout).toBe(900);
  expect(resources(dev, 'aws_sqs_queue').queue?.visibility_timeout_seconds).toBe(5_400);
});

test('originals are kept only where a stage says so, under a key of their own', () => {
  expect(resources(dev, 'aws_s3_bucket')).toEqual({});
  expect(environmentOf(dev).ORIGINALS).toBe('dropped');
  const { transcripts, ...stage } = stageNamed('dev');
  if (!transcripts) throw new Error('stage dev fetches transcripts');
  const kept = synthesisedStacks(
    validStage({ ...stage, transcripts: { ...transcripts, originals: 'kept' } }),
  );
  const stack = kept['transcript-fetcher'];
  const bucket = 'aftercall-dev-transcript-originals-111122223333';
  expect(resources(stack, 'aws_s3_bucket').originals?.bucket).toBe(bucket);
  expect(environmentOf(stack).ORIGINALS).toBe(`s3://${bucket}`);
  expect(parseConfig(runtimeEnvironmentOf(stack))).toMatchObject({ stage: 'dev' });
  expect(resources(stack, 'aws_kms_key').originals_key).toMatchObject({ enable_key_rotation: true });
  expect(
    resources(stack, 'aws_s3_bucket_server_side_encryption_configuration').originals_encryption,
  ).toMatchObject({
    rule: [
      {
        apply_server_side_encryption_by_default: {
          sse_algorithm: 'aws:kms',
          kms_master_key_id: '${aws_kms_key.originals_key.arn}',
        },
      },
    ],
  });
  const grants = grantsByResource(stack);
  expect(grants['${aws_kms_key.originals_key.arn}']).toEqual(['kms:Decrypt', 'kms:GenerateDataKey']);
  expect(grants['${aws_s3_bucket.originals.arn}/transcripts/*']).toEqual([
    's3:AbortMultipartUpload',
    's3:PutObject',
  ]);
});
