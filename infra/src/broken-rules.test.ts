import { describe, expect, test } from '@jest/globals';
import { EVERY_RULE } from './every-rule.ts';
import type { Stacks } from './house-rules.ts';
import { validStage } from './stage.ts';
import { stageNamed } from './stages.ts';
import { synthesisedStacks } from './synthesised-stacks.ts';

/** With the one option that stage `dev` does without. */
const stage = validStage({
  ...stageNamed('dev'),
  permissionsBoundary: 'arn:aws:iam::111122223333:policy/application-boundary',
});
const whole = synthesisedStacks(stage);

/** Where something stands in the stacks, and what is put there instead; a function is given what was there, `undefined` takes it away. */
type Breakage = readonly [path: string, put: unknown];

/** For each rule, ways to break it. */
const BREAKAGES: Readonly<Record<string, readonly Breakage[]>> = {
  'every ${…} is a plain reference to something in the same stack': [
    ['processor/resource/aws_lambda_function/processor/role', '${aws_iam_role.moon.arn}'],
    ['processor/resource/aws_lambda_function/processor/role', '${upper(aws_iam_role.role.arn)}'],
  ],
  'reads no other state and offers none of its own': [
    ['ingest/output', { url: { value: 'x' } }],
    ['ingest/data/terraform_remote_state', { foundation: {} }],
  ],
  'has a locked, encrypted state of its own and cannot reach another account': [
    ['crm/terraform/backend/s3/use_lockfile', false],
    ['crm/terraform/backend/s3/key', 'aftercall/dev/ingest.tfstate'],
    ['crm/provider/aws/0/allowed_account_ids', undefined],
  ],
  'the role names its actions and its resources': [
    ['ingest/resource/aws_iam_role_policy/policy/policy', replaced('sqs:SendMessage', 'sqs:*')],
    [
      'ingest/resource/aws_iam_role_policy/policy/policy',
      replaced('${data.aws_sqs_queue.events.arn}', 'arn:aws:sqs:eu-west-1:111122223333:x'),
    ],
  ],
  'no policy of any kind allows everything or everyone': [
    ['foundation/resource/aws_sqs_queue_policy/events_tls_only/policy', replaced('Deny', 'Allow')],
    [
      'backfill/resource/aws_iam_role_policy/policy/policy',
      replaced('${data.aws_sqs_queue.events.arn}', '*'),
    ],
  ],
  'a message stays invisible for at least six timeouts of the function that takes it, and the time a batch takes to fill':
    [
      ['foundation/resource/aws_sqs_queue/events/visibility_timeout_seconds', 179],
      [
        'lake-writer/resource/aws_lambda_event_source_mapping/queue_source/maximum_batching_window_in_seconds',
        61,
      ],
    ],
  'what a queue gives up goes to a dead-letter queue of its own, which keeps it for two weeks': [
    ['foundation/resource/aws_sqs_queue/events_dead/message_retention_seconds', 345_600],
    ['lake-writer/resource/aws_sqs_queue/queue/redrive_policy', '{}'],
  ],
  'every queue is encrypted, refuses what does not come over TLS, and takes what it takes from a service from the rules of its stack':
    [
      ['foundation/resource/aws_sqs_queue/events/kms_master_key_id', undefined],
      ['foundation/resource/aws_sqs_queue_policy/events_tls_only', undefined],
      [
        'lake-writer/resource/aws_sqs_queue_policy/queue_tls_only/policy',
        replaced('${aws_cloudwatch_event_rule.rule.arn}', 'arn:aws:events:eu-west-1:111122223333:rule/*'),
      ],
    ],
  'route is a rule in the stack of its target, and loses nothing that the target refuses': [
    ['lake-writer/resource/aws_cloudwatch_event_rule/rule/event_pattern', '{"source":["aftercall"]}'],
    ['crm/resource/aws_cloudwatch_event_target/target/dead_letter_config', undefined],
  ],
  'no rule listens to our bus that the list of routes does not name': [
    [
      'lake-writer/resource/aws_cloudwatch_event_rule/more',
      { name: 'more', event_bus_name: '${data.aws_cloudwatch_event_bus.bus.name}' },
    ],
  ],
  'no dead-letter queue of the stage is left out by the function that collects them': [
    ['crm/resource/aws_sqs_queue/queue_dead/name', 'aftercall-dev-other-dead'],
  ],
  'every rule has one target, which is tried for a day; what a queue or the CRM refuses is not lost': [
    ['backfill/resource/aws_cloudwatch_event_target/daily_target/retry_policy', undefined],
    ['backfill/resource/aws_cloudwatch_event_target/daily_target', undefined],
  ],
  'a schedule is a rule of the default bus, and says what its message is': [
    ['backfill/resource/aws_cloudwatch_event_target/daily_target/input', '{}'],
    ['backfill/resource/aws_cloudwatch_event_rule/daily/event_bus_name', 'aftercall-dev'],
  ],
  'each function that calls Genesys Cloud has an OAuth client of its own for each organisation, and reads no other':
    [
      [
        'backfill/resource/aws_secretsmanager_secret/genesys_main/name',
        'aftercall/dev/genesys/main/transcript-fetcher',
      ],
    ],
  'every event source mapping takes back failed messages one by one': [
    ['processor/resource/aws_lambda_event_source_mapping/events_source/function_response_types', undefined],
  ],
  'no secret value stands anywhere': [
    ['foundation/resource/aws_ssm_parameter/circuits/type', 'SecureString'],
    ['ingest/resource/aws_lambda_function/ingest/environment/variables/KEY', 'whsec_c2VjcmV0'],
    ['foundation/resource/aws_secretsmanager_secret_version', { v: { secret_string: 'x' } }],
  ],
  'every physical name is there once': [
    ['lake-writer/resource/aws_sqs_queue/queue/name', 'aftercall-dev-transcript'],
  ],
  'says what its failure means, and keeps a log for 30 days': [
    ['ingest/resource/aws_lambda_function/ingest/description', ''],
    ['ingest/resource/aws_lambda_function/ingest/runtime', 'nodejs18.x'],
    ['ingest/resource/aws_lambda_function/ingest/tracing_config', undefined],
    ['ingest/resource/aws_cloudwatch_log_group/log/retention_in_days', undefined],
  ],
  'what one stack looks up another one makes': [
    ['processor/data/aws_sqs_queue/events/name', 'aftercall-dev-moon.fifo'],
    ['foundation/resource/aws_ssm_parameter/circuits', undefined],
    ['processor/data/aws_instance', { moon: { name: 'moon' } }],
  ],
  'no two stacks look each other up, however far around': [
    ['foundation/data', { aws_ssm_parameter: { url: { name: '/aftercall/dev/ingest/url' } } }],
  ],
  'every app accepts the environment that it gets': [
    ['processor/resource/aws_lambda_function/processor/environment/variables/LEDGER_TABLE', undefined],
  ],
  'the ledger remembers for longer than a message can take to come back': [
    ['processor/resource/aws_lambda_function/processor/environment/variables/RETENTION_SECONDS', '172800'],
    ['foundation/resource/aws_sqs_queue/events/message_retention_seconds', 1_209_600],
    [
      'foundation/resource/aws_s3_bucket_lifecycle_configuration/deliveries_lifecycle/rule/0/expiration/0/days',
      63,
    ],
  ],
  'names, policies, descriptions and environments are no longer than AWS takes them': [
    ['ingest/resource/aws_iam_role/role/name', 'r'.repeat(65)],
    ['ingest/resource/aws_iam_role_policy/policy/policy', (policy: string) => policy.padEnd(10_241)],
    ['ingest/resource/aws_lambda_function/ingest/environment/variables/SOURCES', 's'.repeat(4_096)],
  ],
  'every table is on demand, encrypted, recoverable to any second, and not deleted by accident': [
    ['foundation/resource/aws_dynamodb_table/ledger/point_in_time_recovery', undefined],
    ['backfill/resource/aws_dynamodb_table/backfill_table/deletion_protection_enabled', false],
    ['foundation/resource/aws_dynamodb_table/ledger/server_side_encryption/kms_key_arn', undefined],
  ],
  'every bucket is private, encrypted, reached over TLS only, and keeps no unfinished upload': [
    ['foundation/resource/aws_s3_bucket_public_access_block/lake_private/block_public_policy', false],
    ['foundation/resource/aws_s3_bucket_policy/lake_tls_only', undefined],
    ['foundation/resource/aws_s3_bucket_lifecycle_configuration/lake_lifecycle', undefined],
  ],
  'the key rotates by itself and is not gone at once when someone deletes it': [
    ['foundation/resource/aws_kms_key/stage_key/enable_key_rotation', false],
    ['foundation/resource/aws_kms_key/stage_key/deletion_window_in_days', 7],
  ],
  'the key lets rules of this account send to encrypted queues, and nobody else in the name of EventBridge': [
    [
      'foundation/resource/aws_kms_key/stage_key/policy',
      replaced('events.amazonaws.com', 'moon.amazonaws.com'),
    ],
    [
      'foundation/resource/aws_kms_key/stage_key/policy',
      replaced(':111122223333:rule/*', ':444455556666:rule/*'),
    ],
  ],
  'the key is a service’s to use only on behalf of this account, and nobody’s to do everything with but the account’s':
    [
      ['foundation/resource/aws_kms_key/stage_key/policy', replaced('"kms:GenerateDataKey"', '"kms:*"')],
      [
        'foundation/resource/aws_kms_key/stage_key/policy',
        replaced('111122223333:root', '444455556666:root'),
      ],
    ],
  'the key encrypts every queue, table, bucket, secret, topic, log and the archive of facts': [
    ['foundation/resource/aws_dynamodb_table/ledger/server_side_encryption', { enabled: true }],
    ['ingest/resource/aws_cloudwatch_log_group/log/kms_key_id', undefined],
    ['observability/resource/aws_sns_topic/alarms/kms_master_key_id', undefined],
    ['foundation/resource/aws_cloudwatch_event_archive/archive/kms_key_identifier', undefined],
  ],
  'the key is each role’s to use in the stores that it may use, and in no other': [
    [
      'processor/resource/aws_iam_role_policy/policy/policy',
      replaced('"sqs.eu-west-1.amazonaws.com"', '"ssm.eu-west-1.amazonaws.com"'),
    ],
  ],
  'a secret can be read over TLS and from within the account only, whatever other policies say': [
    ['foundation/resource/aws_secretsmanager_secret_policy', {}],
    [
      'backfill/resource/aws_secretsmanager_secret_policy/genesys_main_policy/policy',
      replaced('aws:PrincipalAccount', 'aws:SourceAccount'),
    ],
  ],
  'every fact is in an archive for as long as what was set aside can come back': [
    ['foundation/resource/aws_cloudwatch_event_archive/archive/retention_days', 30],
  ],
  'a role may send traces to everywhere, and outside a network nothing else': [
    [
      'processor/resource/aws_iam_role_policy/policy/policy',
      replaced('${data.aws_dynamodb_table.ledger.arn}', '*'),
    ],
  ],
  'what calls a function calls its alias, so that a version can be taken back': [
    [
      'processor/resource/aws_lambda_event_source_mapping/events_source/function_name',
      '${aws_lambda_function.processor.arn}',
    ],
    ['ingest/resource/aws_lambda_alias/live/function_version', '$LATEST'],
  ],
  'calls of AWS are the SDK’s where the stage says so, of every function that would make its own': [
    ['processor/resource/aws_lambda_function/processor/environment/variables/AWS_CALLS', 'sdk'],
    ['backfill/resource/aws_lambda_function/backfill/environment/variables/AWS_CALLS', 'sdk'],
  ],
  'environments are ready from the one time to the other, and an apply in between leaves them alone': [
    ['ingest/resource/aws_appautoscaling_scheduled_action/warm_until', undefined],
    ['ingest/resource/aws_appautoscaling_target/warm/lifecycle', undefined],
  ],
  'ingest has the memory and the share of the account that the stage gives it': [
    ['ingest/resource/aws_lambda_function/ingest/reserved_concurrent_executions', undefined],
  ],
  'no role exceeds the boundary of the stage': [
    ['processor/resource/aws_iam_role/role/permissions_boundary', undefined],
  ],
  'what is made bears application, stage, owner and cost centre': [
    ['processor/provider/aws/0/default_tags/0/tags/team', 'edge'],
    ['crm/provider/aws/0/default_tags/0/tags/cost-centre', undefined],
  ],
  'an alarm says what it means, and links to a runbook that is there': [
    [
      'ingest/resource/aws_cloudwatch_metric_alarm/alarm_server_errors_ingest/alarm_description',
      replaced('server-errors.md', 'moon.md'),
    ],
  ],
  'an alarm tells the stage’s topic when something is wrong and when it no longer is': [
    ['ingest/resource/aws_cloudwatch_metric_alarm/alarm_server_errors_ingest/ok_actions', undefined],
  ],
  'an alarm looks at what some app writes, or at what AWS measures of something that is there': [
    ['lake-writer/resource/aws_cloudwatch_metric_alarm/alarm_lake_lag/metric_name', 'LakeLag'],
    ['processor/resource/aws_cloudwatch_metric_alarm/alarm_queue_age_processor/dimensions/QueueName', 'moon'],
  ],
  'an alarm looks no further back than CloudWatch lets it': [
    ['ingest/resource/aws_cloudwatch_metric_alarm/alarm_server_errors_ingest/evaluation_periods', 1_441],
  ],
  'each kind of alarm that was asked for is there, and each runbook is of one': [
    ['lake-writer/resource/aws_cloudwatch_metric_alarm/alarm_lake_lag', undefined],
  ],
  'no app’s stack forgets the alarms that its function and its queues come with': [
    ['processor/resource/aws_cloudwatch_metric_alarm/alarm_circuit_open_processor', undefined],
  ],
  'a refused signature is counted under one of the reasons that the alarm sums': [
    ['ingest/resource/aws_cloudwatch_metric_alarm/alarm_verification_failures/metric_query/1', undefined],
  ],
  'the dashboard shows what some app writes, by dimensions that it writes it with': [
    [
      'observability/resource/aws_cloudwatch_dashboard/dashboard/dashboard_body',
      (body: string) => body.replaceAll('EndToEndLatency', 'Latency'),
    ],
  ],
};

function replaced(text: string, by: string) {
  return (was: string): string => was.replace(text, by);
}

/** The stacks with one thing changed. */
function broken([path, put]: Breakage): Stacks {
  const copy = structuredClone(whole) as unknown as Record<string, unknown>;
  const keys = path.split('/');
  const last = keys.pop() ?? '';
  const place = keys.reduce<Record<string, unknown>>(
    (at, key) => (at[key] ??= {}) as Record<string, unknown>,
    copy,
  );
  if (put === undefined) delete place[last];
  else place[last] = typeof put === 'function' ? (put as (was: unknown) => unknown)(place[last]) : put;
  expect(copy).not.toEqual(whole);
  return copy as unknown as Stacks;
}

test.each(Object.entries(EVERY_RULE))('as long as nothing is broken, %s', (_, rule) =>
  rule({ stage, stacks: whole }),
);

test('every rule of the house is broken here', () => {
  expect(Object.keys(BREAKAGES).toSorted()).toEqual(Object.keys(EVERY_RULE).toSorted());
});

describe.each(Object.entries(BREAKAGES))('%s', (title, breakages) => {
  test.each(breakages.map((breakage, index) => [`${index + 1}: ${breakage[0]}`, breakage] as const))(
    'is missed when broken at %s',
    (_, breakage) => {
      const stacks = broken(breakage);
      expect(() => EVERY_RULE[title]?.({ stage, stacks })).toThrow();
    },
  );
});
