import { parseConfig } from '@aftercall/lake-writer/config';
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
import { stageNamed } from '../stages.ts';
import {
  conditionsByResource,
  grantsByResource,
  resources,
  runtimeEnvironmentOf,
  synthesisedStacks,
} from '../synthesised-stacks.ts';

const local = synthesisedStacks('local')['lake-writer'];
const dev = synthesisedStacks('dev')['lake-writer'];

const LAKE = '${data.aws_s3_bucket.lake.arn}';
const QUEUE = '${aws_sqs_queue.queue.arn}';
const DEAD_LETTERS = '${aws_sqs_queue.queue_dead.arn}';

/** Which file sends which command where. */
const CALLS: Calls = {
  ...HOLDING_CALLS,
  'libs/secrets/src/secretsmanager-secret-store.ts GetSecretValueCommand': [SEALING_SECRET],
  'apps/lake-writer/src/s3-lake-files.ts GetObjectCommand': [`${LAKE}/outcomes/*`],
  'apps/lake-writer/src/s3-lake-files.ts PutObjectCommand': [`${LAKE}/outcomes/*`],
  'libs/queue/src/sqs-change-visibility.ts ChangeMessageVisibilityCommand': [QUEUE],
  'libs/queue/src/sqs-dead-letter.ts SendMessageCommand': [DEAD_LETTERS],
};

test('lake-writer of stage dev is what was reviewed', () => {
  expect(dev).toMatchSnapshot();
});

test.each(['local', 'dev'])('lake-writer accepts the environment that it gets on stage %s', (stage) => {
  const { shards } = stageNamed(stage).lake;
  expect(parseConfig(runtimeEnvironmentOf(synthesisedStacks(stage)['lake-writer']))).toMatchObject({
    stage,
    shards,
  });
});

test('lake-writer may do on each resource exactly what its code does, and touches nothing of the lake but outcomes', async () => {
  expect(await deployedCalls('lake-writer')).toEqual(Object.keys(CALLS).toSorted());
  expect(grantsByResource(dev)).toEqual({
    ...actionsFor(CALLS),
    [QUEUE]: [...POLLING, ...(actionsFor(CALLS)[QUEUE] ?? [])].toSorted(),
    // What makes S3 answer 404 for a file that is not there yet.
    [LAKE]: ['s3:ListBucket'],
    // What makes S3 answer 404 to a HEAD.
    [SET_ASIDE_BUCKET]: ['s3:ListBucket'],
    '${aws_cloudwatch_log_group.log.arn}:*': ['logs:CreateLogStream', 'logs:PutLogEvents'],
  });
});

test.each([
  ['local', local, 2, 62],
  ['dev', dev, 60, 420],
])(
  'on stage %s outcomes gather before they are merged',
  (_stage, stack, windowSeconds, visibilitySeconds) => {
    expect(resources(stack, 'aws_lambda_event_source_mapping').queue_source).toMatchObject({
      event_source_arn: QUEUE,
      batch_size: 1_000,
      maximum_batching_window_in_seconds: windowSeconds,
      function_response_types: ['ReportBatchItemFailures'],
    });
    expect(resources(stack, 'aws_sqs_queue').queue?.visibility_timeout_seconds).toBe(visibilitySeconds);
  },
);

test('a laptop, whose S3 knows no conditional puts, merges one batch at a time', () => {
  expect(resources(local, 'aws_lambda_function')['lake-writer']?.reserved_concurrent_executions).toBe(1);
  expect(resources(local, 'aws_lambda_event_source_mapping').queue_source).not.toHaveProperty(
    'scaling_config',
  );
});

test('on AWS several batches may be merged at a time', () => {
  expect(resources(dev, 'aws_lambda_function')['lake-writer']).not.toHaveProperty(
    'reserved_concurrent_executions',
  );
  expect(resources(dev, 'aws_lambda_event_source_mapping').queue_source?.scaling_config).toEqual({
    maximum_concurrency: stageNamed('dev').lake.maximumConcurrency,
  });
});

test('lake-writer may archive, and neither quarantine nor touch a dead letter', () => {
  expect(conditionsByResource(dev)).toEqual({ [SET_ASIDE_TABLE]: HOLDING_CONDITION });
});
