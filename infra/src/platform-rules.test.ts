import { describe, expect, test } from '@jest/globals';
import { teamOf } from './code-owners.ts';
import { validStage, type StageConfig } from './stage.ts';
import { stageNamed } from './stages.ts';
import { APP_NAMES, stackNames } from './synth.ts';
import {
  resources,
  roleStatements,
  synthesisedStacks,
  type Block,
  type TerraformJson,
} from './synthesised-stacks.ts';

const dev = stageNamed('dev');
const stacks = synthesisedStacks('dev');
const { customerKey: _, permissionsBoundary: __, warm: ___, ...plain } = dev;

const blocksOf = (type: string, of: Record<string, TerraformJson> = stacks): readonly Block[] =>
  Object.values(of).flatMap((stack) => Object.values(resources(stack, type)));

interface KeyStatement {
  readonly Sid: string;
  readonly Principal: Readonly<Record<string, string>>;
  readonly Action: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

describe('the key of a stage', () => {
  const { policy, ...key } = resources(stacks.foundation, 'aws_kms_key').stage_key ?? {};
  const { Statement } = JSON.parse(String(policy)) as { Statement: readonly KeyStatement[] };

  test('rotates by itself and is not gone at once when someone deletes it', () => {
    expect(key).toMatchObject({ enable_key_rotation: true, deletion_window_in_days: 30 });
  });

  test('lets rules of this account send to encrypted queues, and nobody else in the name of EventBridge', () => {
    expect(Statement.find(({ Sid }) => Sid === 'Rules')).toMatchObject({
      Principal: { Service: 'events.amazonaws.com' },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Condition: {
        StringEquals: { 'aws:SourceAccount': dev.account },
        ArnLike: { 'aws:SourceArn': [`arn:aws:events:${dev.region}:${dev.account}:rule/*`] },
      },
    });
  });

  test('lets a service use it only on behalf of this account, and nobody do everything but the account itself', () => {
    for (const { Sid, Principal, Action, Condition } of Statement) {
      if (Sid === 'Account') {
        expect(Principal).toEqual({ AWS: `arn:aws:iam::${dev.account}:root` });
        continue;
      }
      expect([Action].flat().filter((action) => action.includes('*'))).toEqual([]);
      expect(JSON.stringify(Condition)).toContain(dev.account);
    }
  });

  test('encrypts every queue, table, bucket, secret, topic, log and the archive of facts', () => {
    const unencrypted = [
      ...blocksOf('aws_sqs_queue').filter((block) => !refersToKey(block.kms_master_key_id)),
      ...blocksOf('aws_dynamodb_table').filter((block) => !refersToKey(block.server_side_encryption)),
      ...blocksOf('aws_s3_bucket_server_side_encryption_configuration').filter(
        (block) => !refersToKey(block.rule) || !JSON.stringify(block).includes('"bucket_key_enabled":true'),
      ),
      ...blocksOf('aws_secretsmanager_secret').filter((block) => !refersToKey(block.kms_key_id)),
      ...blocksOf('aws_sns_topic').filter((block) => !refersToKey(block.kms_master_key_id)),
      ...blocksOf('aws_cloudwatch_log_group').filter((block) => !refersToKey(block.kms_key_id)),
      ...blocksOf('aws_cloudwatch_event_archive').filter((block) => !refersToKey(block.kms_key_identifier)),
    ];
    expect(unencrypted).toEqual([]);
    expect(blocksOf('aws_s3_bucket_server_side_encryption_configuration')).toHaveLength(
      blocksOf('aws_s3_bucket').length,
    );
  });

  test.each(APP_NAMES)(
    'is for the role of %s to use, in the stores that its role may use and no other',
    (app) => {
      const statements = roleStatements(stacks[app]);
      const stores = ['dynamodb', 's3', 'secretsmanager', 'sqs'].filter((service) =>
        statements.some(({ Action }) => Action.some((action) => action.startsWith(`${service}:`))),
      );
      expect(statements.filter(({ Sid }) => Sid === 'StageKey')).toEqual([
        {
          Sid: 'StageKey',
          Effect: 'Allow',
          Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
          Resource: ['${data.aws_kms_alias.stage_key.target_key_arn}'],
          Condition: {
            StringEquals: { 'kms:ViaService': stores.map((store) => `${store}.${dev.region}.amazonaws.com`) },
          },
        },
      ]);
    },
  );

  test('is not there, and not asked for, on a stage that leaves keys to AWS', () => {
    const cheap = synthesisedStacks(validStage(plain));
    expect(JSON.stringify(cheap)).not.toMatch(/kms/);
    expect(blocksOf('aws_sqs_queue', cheap).every((queue) => queue.sqs_managed_sse_enabled === true)).toBe(
      true,
    );
  });
});

/** A key of its own is the stricter choice and counts. */
const refersToKey = (value: unknown): boolean =>
  /\$\{(aws_kms_key\.\w+\.arn|data\.aws_kms_alias\.stage_key\.target_key_arn)\}/.test(
    JSON.stringify(value ?? ''),
  );

test('a secret can be read over TLS and from within the account only, whatever other policies say', () => {
  const policies = blocksOf('aws_secretsmanager_secret_policy');
  expect(policies).toHaveLength(blocksOf('aws_secretsmanager_secret').length);
  for (const { block_public_policy, policy } of policies) {
    expect(block_public_policy).toBe(true);
    expect(JSON.parse(String(policy))).toMatchObject({
      Statement: [
        { Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
        {
          Effect: 'Deny',
          Principal: '*',
          Condition: { StringNotEquals: { 'aws:PrincipalAccount': dev.account } },
        },
      ],
    });
  }
});

test('every fact is in an archive for as long as what was set aside can come back', () => {
  expect(resources(stacks.foundation, 'aws_cloudwatch_event_archive').archive).toMatchObject({
    event_source_arn: '${aws_cloudwatch_event_bus.bus.arn}',
    event_pattern: '{"source":["aftercall"]}',
    retention_days: 45,
  });
});

test.each(APP_NAMES)('%s is traced, and its role may send traces and nothing else to everywhere', (app) => {
  expect(resources(stacks[app], 'aws_lambda_function')[app]?.tracing_config).toEqual({ mode: 'Active' });
  const everywhere = roleStatements(stacks[app]).filter(({ Resource }) => Resource.includes('*'));
  expect(everywhere.flatMap(({ Action }) => Action)).toEqual([
    'xray:PutTraceSegments',
    'xray:PutTelemetryRecords',
  ]);
});

test.each(APP_NAMES)('what calls %s calls its alias, so that a version can be taken back', (app) => {
  const stack = stacks[app];
  expect(resources(stack, 'aws_lambda_alias').live).toMatchObject({
    name: 'live',
    function_version: `\${aws_lambda_function.${app}.version}`,
  });
  const callers = [
    ...Object.values(resources(stack, 'aws_lambda_event_source_mapping')).map((one) => one.function_name),
    ...Object.values(resources(stack, 'aws_apigatewayv2_integration')).map((one) => one.integration_uri),
    ...Object.values(resources(stack, 'aws_secretsmanager_secret_rotation')).map(
      (one) => one.rotation_lambda_arn,
    ),
  ];
  expect(callers.length).toBeGreaterThan(0);
  for (const caller of callers) expect(caller).toMatch(/^\$\{aws_lambda_alias\.live\.(arn|invoke_arn)\}$/);
});

describe('environments kept ready', () => {
  test('are there from the one time to the other, behind the alias, and an apply in between leaves them alone', () => {
    expect(resources(stacks.ingest, 'aws_appautoscaling_target').warm).toMatchObject({
      resource_id: 'function:aftercall-dev-ingest:live',
      scalable_dimension: 'lambda:function:ProvisionedConcurrency',
      min_capacity: 0,
      lifecycle: { ignore_changes: ['min_capacity', 'max_capacity'] },
    });
    const { warm_from, warm_until } = resources(stacks.ingest, 'aws_appautoscaling_scheduled_action');
    const window = dev.warm?.[0];
    expect(warm_from).toMatchObject({
      schedule: window?.from,
      timezone: window?.timezone,
      scalable_target_action: { min_capacity: '5', max_capacity: '5' },
    });
    expect(warm_until).toMatchObject({
      schedule: window?.until,
      scalable_target_action: { min_capacity: '0', max_capacity: '0' },
    });
  });

  test('cost nothing where a stage does not ask for them', () => {
    expect(blocksOf('aws_appautoscaling_target')).toHaveLength(1);
    expect(blocksOf('aws_appautoscaling_target', synthesisedStacks(validStage(plain)))).toEqual([]);
  });

  test.each([
    ['moon', /warm\[0\]\.app: must be one of ingest, /],
    ['backfill', /warm\[0\]\.app: must be one of ingest, /],
  ])('for %s, which the stage does not have, are refused', (app, message) => {
    const { backfill: _backfill, ...rest } = dev;
    const stage = { ...rest, warm: [{ ...warmWindow(dev), app }] };
    expect(() => synthesisedStacks(validStage(stage))).toThrow(message);
  });

  test('twice for one app are refused', () => {
    const stage = { ...dev, warm: [warmWindow(dev), warmWindow(dev)] };
    expect(() => synthesisedStacks(validStage(stage))).toThrow('warm[1].app: is the app of warm[0] too');
  });
});

function warmWindow({ warm = [] }: StageConfig) {
  const [window] = warm;
  if (!window) throw new Error('the stage keeps nothing ready');
  return window;
}

test('ingest has a share of the account that no other function can take', () => {
  expect(resources(stacks.ingest, 'aws_lambda_function').ingest).toMatchObject({
    memory_size: 512,
    reserved_concurrent_executions: 100,
  });
});

test('no role exceeds the boundary of a stage that has one', () => {
  const boundary = 'arn:aws:iam::111122223333:policy/application-boundary';
  const roles = blocksOf(
    'aws_iam_role',
    synthesisedStacks(validStage({ ...dev, permissionsBoundary: boundary })),
  );
  expect(roles.length).toBeGreaterThan(APP_NAMES.length);
  for (const role of roles) expect(role.permissions_boundary).toBe(boundary);
});

test.each(stackNames(dev))('what %s makes bears application, stage, owner and cost centre', (name) => {
  const [{ default_tags } = { default_tags: [] }] = stacks[name].provider.aws as unknown as readonly {
    default_tags: readonly { tags: Readonly<Record<string, string>> }[];
  }[];
  const app = APP_NAMES.find((one) => one === name);
  expect(default_tags[0]?.tags).toEqual({
    application: 'aftercall',
    stage: 'dev',
    stack: name,
    team: app ? teamOf(app) : 'maintainers',
    ...(app && { app }),
    'cost-centre': 'contact-centre',
  });
});

test('the owner of an app is who CODEOWNERS says, and an app without one is refused', () => {
  expect(teamOf('ingest', '/apps/ingest/   @aftercall/edge\n')).toBe('edge');
  expect(() => teamOf('ingest', '/libs/ingest/ @aftercall/edge\n')).toThrow(
    'apps/ingest has no owner in .github/CODEOWNERS',
  );
});
