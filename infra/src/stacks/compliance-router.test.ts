import { parseConfig } from '@aftercall/compliance-router/config';
import { readComplianceRules } from '@aftercall/schemas';
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

const dev = synthesisedStacks('dev')['compliance-router'];

const QUEUE = '${aws_sqs_queue.queue.arn}';
const DEAD_LETTERS = '${aws_sqs_queue.queue_dead.arn}';
const QA_QUEUES = ['default', 'fraud', 'conduct'].map((team) => `\${aws_sqs_queue.qa_${team}.arn}`);
const CONFIG = '${aws_s3_bucket.config.arn}';
const RULES = `${CONFIG}/compliance/rules.json`;

/** Which file sends which command where. */
const CALLS: Calls = {
  ...HOLDING_CALLS,
  'apps/compliance-router/src/s3-compliance-rules.ts GetObjectCommand': [RULES],
  'apps/compliance-router/src/s3-earlier-versions.ts ListObjectVersionsCommand': [CONFIG],
  'libs/queue/src/sqs-change-visibility.ts ChangeMessageVisibilityCommand': [QUEUE],
  'libs/queue/src/sqs-dead-letter.ts SendMessageCommand': [DEAD_LETTERS],
  'libs/queue/src/sqs-send-batch.ts SendMessageBatchCommand': QA_QUEUES,
  'libs/secrets/src/secretsmanager-secret-store.ts GetSecretValueCommand': [
    '${aws_secretsmanager_secret.genesys_main.arn}',
    SEALING_SECRET,
  ],
};

test('compliance-router of stage dev is what was reviewed', () => {
  expect(dev).toMatchSnapshot();
});

test.each(['local', 'dev'])('compliance-router accepts the environment that it gets on stage %s', (stage) => {
  const config = parseConfig(runtimeEnvironmentOf(synthesisedStacks(stage)['compliance-router']));
  expect(config).toMatchObject({ stage, rulesKey: 'compliance/rules.json' });
  expect([...config.qaQueueUrls.keys()]).toEqual(stageNamed(stage).compliance.teams);
});

test('compliance-router may do on each resource exactly what its code does', async () => {
  expect(await deployedCalls('compliance-router')).toEqual(Object.keys(CALLS).toSorted());
  expect(grantsByResource(dev)).toEqual({
    ...actionsFor(CALLS),
    [QUEUE]: [...POLLING, ...(actionsFor(CALLS)[QUEUE] ?? [])].toSorted(),
    // What a GET of an older version takes.
    [RULES]: ['s3:GetObject', 's3:GetObjectVersion'],
    // What makes S3 answer 404.
    [CONFIG]: ['s3:ListBucket', 's3:ListBucketVersions'],
    // What makes S3 answer 404 to a HEAD.
    [SET_ASIDE_BUCKET]: ['s3:ListBucket'],
    '${aws_cloudwatch_log_group.log.arn}:*': ['logs:CreateLogStream', 'logs:PutLogEvents'],
  });
});

test.each(['local', 'dev'])('the rules of stage %s are deployed as the router reads them', (stage) => {
  const stack = synthesisedStacks(stage)['compliance-router'];
  const { key, content } = resources(stack, 'aws_s3_object').rules ?? {};
  expect(environmentOf(stack)).toMatchObject({ RULES_KEY: key });
  expect(readComplianceRules(String(content))).toEqual({
    outcome: 'valid',
    rules: stageNamed(stage).compliance.rules,
  });
});

test('every version of the rules is kept, the first one too', () => {
  expect(resources(dev, 'aws_s3_bucket_versioning').config_versions).toMatchObject({
    bucket: '${aws_s3_bucket.config.id}',
    versioning_configuration: { status: 'Enabled' },
  });
  expect(resources(dev, 'aws_s3_object').rules?.depends_on).toEqual([
    'aws_s3_bucket_versioning.config_versions',
  ]);
  expect(resources(dev, 'aws_s3_bucket_lifecycle_configuration').config_lifecycle).not.toHaveProperty(
    'rule.0.expiration',
  );
});

test('each QA team has a FIFO queue that keeps what it gets for two weeks', () => {
  for (const team of stageNamed('dev').compliance.teams) {
    expect(resources(dev, 'aws_sqs_queue')[`qa_${team}`]).toMatchObject({
      name: `aftercall-dev-qa-${team}.fifo`,
      fifo_queue: true,
      content_based_deduplication: false,
      message_retention_seconds: 1_209_600,
    });
  }
});

test('the router learns the queue of every team', () => {
  const { QA_QUEUE_URLS } = (
    resources(dev, 'aws_lambda_function')['compliance-router']?.environment as {
      variables: Record<string, string>;
    }
  ).variables;
  expect(JSON.parse(String(QA_QUEUE_URLS))).toEqual({
    default: '${aws_sqs_queue.qa_default.url}',
    fraud: '${aws_sqs_queue.qa_fraud.url}',
    conduct: '${aws_sqs_queue.qa_conduct.url}',
  });
});

test('more teams than a function can be told of are refused at synth', () => {
  const stage = stageNamed('dev');
  const teams = ['default', 'fraud', 'conduct', ...Array.from({ length: 40 }, (_, index) => `team-${index}`)];
  const many = validStage({ ...stage, compliance: { ...stage.compliance, teams } });
  expect(() => synthesisedStacks(many)).toThrow(/compliance-router: its environment takes \d+ of 4096 bytes/);
});

test('compliance-router may archive, and neither quarantine nor touch a dead letter', () => {
  expect(conditionsByResource(dev)).toEqual({ [SET_ASIDE_TABLE]: HOLDING_CONDITION });
});
