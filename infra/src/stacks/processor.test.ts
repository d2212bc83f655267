import { parseConfig } from '@aftercall/processor/config';
import { expect, test } from '@jest/globals';
import { environmentOf, grantsByResource, resources, synthesisedStacks } from '../synthesised-stacks.ts';

const dev = synthesisedStacks('dev').processor;

test('processor of stage dev is what was reviewed', () => {
  expect(dev).toMatchSnapshot();
});

test.each([
  ['local', 'aftercall', 315_619_200],
  ['dev', 'aftercall-dev', 6_048_000],
])('the processor accepts the environment that it gets on stage %s', (stage, busName, retentionSeconds) => {
  const config = parseConfig(environmentOf(synthesisedStacks(stage).processor));
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
      function_name: '${aws_lambda_function.processor.arn}',
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

test('the processor may do on each resource exactly what it does', () => {
  expect(grantsByResource(dev)).toEqual({
    '${aws_cloudwatch_log_group.log.arn}:*': ['logs:CreateLogStream', 'logs:PutLogEvents'],
    '${data.aws_sqs_queue.events.arn}': [
      'sqs:ReceiveMessage',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ChangeMessageVisibility',
      'sqs:SendMessage',
    ],
    '${data.aws_sqs_queue.events_dead.arn}': ['sqs:SendMessage'],
    '${data.aws_dynamodb_table.ledger.arn}': ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:GetItem'],
    '${data.aws_dynamodb_table.conversations.arn}': ['dynamodb:GetItem', 'dynamodb:PutItem'],
    '${data.aws_s3_bucket.set_aside_bucket.arn}/quarantine/*': ['s3:PutObject', 's3:GetObject'],
    '${data.aws_s3_bucket.set_aside_bucket.arn}': ['s3:ListBucket'],
    '${data.aws_dynamodb_table.set_aside_table.arn}': [
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:GetItem',
    ],
    '${data.aws_s3_bucket.deliveries.arn}/*': ['s3:GetObject', 's3:PutObject'],
    '${data.aws_s3_bucket.deliveries.arn}': ['s3:ListBucket'],
    '${data.aws_cloudwatch_event_bus.bus.arn}': ['events:PutEvents'],
    '${data.aws_secretsmanager_secret.sealing.arn}': ['secretsmanager:GetSecretValue'],
  });
});
