import { parseConfig } from '@aftercall/dead-letters/config';
import { expect, test } from '@jest/globals';
import { POLLING } from '../constructs/queue-source.ts';
import { actionsFor, deployedCalls, type Calls } from '../deployed-calls.ts';
import { names } from '../names.ts';
import { stageNamed } from '../stages.ts';
import {
  conditionsByResource,
  grantsByResource,
  resources,
  runtimeEnvironmentOf,
  synthesisedStacks,
} from '../synthesised-stacks.ts';

const dev = synthesisedStacks('dev')['dead-letters'];

const IDS = ['events', 'lake', 'compliance', 'transcript', 'partner_inbox', 'backfill'];
const QA_IDS = stageNamed('dev').compliance.teams.map((team) => `qa_${team}`);
const queue = (id: string) => `\${data.aws_sqs_queue.${id}.arn}`;
const ORIGINS = [...IDS, ...QA_IDS].map(queue);
const DEAD = [...IDS, ...(stageNamed('dev').crm ? ['crm'] : []), ...QA_IDS].map((id) => queue(`${id}_dead`));
const OBJECTS = '${data.aws_s3_bucket.set_aside_bucket.arn}/*';
const TABLE = '${data.aws_dynamodb_table.set_aside_table.arn}';
const LEDGER = '${data.aws_dynamodb_table.ledger.arn}';
const DELIVERIES = '${data.aws_s3_bucket.deliveries.arn}/deliveries/*';

/** Which file sends which command where. */
const CALLS: Calls = {
  'apps/dead-letters/src/eventbridge-replayed-facts.ts PutEventsCommand': [
    '${data.aws_cloudwatch_event_bus.bus.arn}',
  ],
  'apps/dead-letters/src/main.ts PutObjectCommand': [DELIVERIES],
  'apps/dead-letters/src/sqs-origin-queues.ts GetQueueUrlCommand': [...ORIGINS, ...DEAD],
  'libs/circuit-breaker/src/ssm-shared-circuits.ts GetParameterCommand': [
    '${data.aws_ssm_parameter.circuits.arn}',
  ],
  // It reads what is open and never writes it.
  'libs/circuit-breaker/src/ssm-shared-circuits.ts PutParameterCommand': [],
  'libs/facts/src/eventbridge-facts.ts PutEventsCommand': ['${data.aws_cloudwatch_event_bus.bus.arn}'],
  'libs/idempotency/src/dynamodb-ledger-store.ts DeleteCommand': [LEDGER],
  // It only ever forgets a claim.
  'libs/idempotency/src/dynamodb-ledger-store.ts GetCommand': [],
  'libs/idempotency/src/dynamodb-ledger-store.ts PutCommand': [],
  'libs/idempotency/src/dynamodb-ledger-store.ts UpdateCommand': [],
  'libs/queue/src/sqs-change-visibility.ts ChangeMessageVisibilityCommand': DEAD,
  'libs/queue/src/sqs-send-batch.ts SendMessageBatchCommand': ORIGINS,
  'libs/secrets/src/secretsmanager-secret-store.ts GetSecretValueCommand': [
    '${data.aws_secretsmanager_secret.sealing.arn}',
  ],
  'libs/set-aside/src/dynamodb-index-store.ts GetCommand': [TABLE],
  'libs/set-aside/src/dynamodb-index-store.ts PutCommand': [TABLE],
  'libs/set-aside/src/dynamodb-index-store.ts QueryCommand': [TABLE],
  'libs/set-aside/src/dynamodb-index-store.ts UpdateCommand': [TABLE],
  'libs/set-aside/src/dynamodb-review-store.ts GetCommand': [TABLE],
  'libs/set-aside/src/dynamodb-review-store.ts PutCommand': [TABLE],
  'libs/set-aside/src/dynamodb-review-store.ts QueryCommand': [TABLE],
  'libs/set-aside/src/dynamodb-review-store.ts UpdateCommand': [TABLE],
  'libs/set-aside/src/s3-object-store.ts GetObjectCommand': [OBJECTS],
  'libs/set-aside/src/s3-object-store.ts HeadObjectCommand': [OBJECTS],
  'libs/set-aside/src/s3-object-store.ts PutObjectCommand': [OBJECTS],
};

test('dead-letters of stage dev is what was reviewed', () => {
  expect(dev).toMatchSnapshot();
});

test.each(['local', 'dev'])('dead-letters accepts the environment that it gets on stage %s', (stage) => {
  const config = parseConfig(runtimeEnvironmentOf(synthesisedStacks(stage)['dead-letters']));
  expect(config).toMatchObject({ eventsQueue: `aftercall-${stage}-events.fifo` });
  expect([...config.sources.keys()]).toEqual(stageNamed(stage).sources.map(({ key }) => key));
});

test('dead-letters may do on each resource exactly what its code does', async () => {
  expect(await deployedCalls('dead-letters')).toEqual(Object.keys(CALLS).toSorted());
  const needed = actionsFor(CALLS);
  expect(grantsByResource(dev)).toEqual({
    ...needed,
    ...Object.fromEntries(DEAD.map((arn) => [arn, [...POLLING, ...(needed[arn] ?? [])].toSorted()])),
    // What makes S3 answer 404.
    '${data.aws_s3_bucket.set_aside_bucket.arn}': ['s3:ListBucket'],
    '${aws_cloudwatch_log_group.log.arn}:*': ['logs:CreateLogStream', 'logs:PutLogEvents'],
    // The review's own roles.
    '${aws_lambda_alias.live.arn}': ['lambda:InvokeFunction'],
    '${aws_sfn_state_machine.review.arn}': ['states:StartExecution'],
  });
});

test('no claim can be forgotten but those of the two consumers that have some', () => {
  expect(conditionsByResource(dev)[LEDGER]).toEqual({
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['processor#*', 'transcript-fetcher#*'] },
  });
});

test('the alarm on dead letters begins the review, its end does so again, and so does every hour', () => {
  const rules = resources(dev, 'aws_cloudwatch_event_rule');
  const { alarm } = names(stageNamed('dev'));
  expect(JSON.parse(String(rules.review_alarm?.event_pattern))).toEqual({
    source: ['aws.cloudwatch'],
    'detail-type': ['CloudWatch Alarm State Change'],
    detail: { alarmName: [alarm('dead-letters')], state: { value: ['ALARM', 'OK'] } },
  });
  expect(rules.review_hourly).toMatchObject({ schedule_expression: 'rate(1 hour)' });
  const targets = resources(dev, 'aws_cloudwatch_event_target');
  for (const id of ['review_alarm_target', 'review_hourly_target'])
    expect(targets[id]).toMatchObject({ arn: '${aws_sfn_state_machine.review.arn}' });
});
