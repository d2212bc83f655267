import { expect } from '@jest/globals';
import { teamOf } from './code-owners.ts';
import type { Stacks, World } from './house-rules.ts';
import { APP_NAMES, isApp, stackNames } from './synth.ts';
import { allResources, environmentOf, resources, roleStatements } from './synthesised-stacks.ts';

interface KeyStatement {
  readonly Sid: string;
  readonly Principal: Readonly<Record<string, string>>;
  readonly Action: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** The stage's own key and what its policy says; none on a stage that leaves keys to AWS. */
function stageKey({ foundation }: Stacks) {
  const { policy, ...key } = resources(foundation, 'aws_kms_key').stage_key ?? {};
  const { Statement } = JSON.parse(String(policy)) as { Statement: readonly KeyStatement[] };
  return { key, statements: Statement };
}

/** A key of its own is the stricter choice and counts. */
const refersToKey = (value: unknown): boolean =>
  /\$\{(aws_kms_key\.\w+\.arn|data\.aws_kms_alias\.stage_key\.target_key_arn)\}/.test(
    JSON.stringify(value ?? ''),
  );

/** Functions that call AWS too rarely to do it without the SDK. */
const ON_THE_SDK: ReadonlySet<string> = new Set(['backfill', 'dead-letters', 'secret-rotator']);

/** The apps of a stage, with their stacks. */
const apps = ({ stage, stacks }: World) =>
  stackNames(stage).flatMap((name) => (isApp(name) ? [{ app: name, stack: stacks[name] }] : []));

/**
 * What a stage asks of AWS for all of its stacks: its key, its boundary, its tags, what is kept ready. The rules of the
 * house in `house-rules.ts` go on here. For tests.
 */
export const PLATFORM_RULES: Readonly<Record<string, (world: World) => void>> = {
  'the key rotates by itself and is not gone at once when someone deletes it': ({ stage, stacks }) => {
    if (!stage.customerKey) return;
    expect(stageKey(stacks).key).toMatchObject({ enable_key_rotation: true, deletion_window_in_days: 30 });
  },

  'the key lets rules of this account send to encrypted queues, and nobody else in the name of EventBridge':
    ({ stage, stacks }) => {
      if (!stage.customerKey) return;
      const ofEventBridge = stageKey(stacks).statements.filter(
        ({ Principal }) => Principal.Service === 'events.amazonaws.com',
      );
      expect(ofEventBridge.find(({ Sid }) => Sid === 'Rules')).toMatchObject({
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Condition: {
          ArnLike: { 'aws:SourceArn': [`arn:aws:events:${stage.region}:${stage.account}:rule/*`] },
        },
      });
      for (const { Condition } of ofEventBridge)
        expect(Condition?.StringEquals?.['aws:SourceAccount']).toBe(stage.account);
    },

  'the key is a service’s to use only on behalf of this account, and nobody’s to do everything with but the account’s':
    ({ stage, stacks }) => {
      if (!stage.customerKey) return;
      for (const { Sid, Principal, Action, Condition } of stageKey(stacks).statements) {
        if (Sid === 'Account') {
          expect(Principal).toEqual({ AWS: `arn:aws:iam::${stage.account}:root` });
          continue;
        }
        expect([Action].flat().filter((action) => action.includes('*'))).toEqual([]);
        expect(JSON.stringify(Condition)).toContain(stage.account);
      }
    },

  'the key encrypts every queue, table, bucket, secret, topic, log and the archive of facts': ({
    stage,
    stacks,
  }) => {
    if (!stage.customerKey) return expect(JSON.stringify(stacks)).not.toMatch(/kms_key|kms:/);
    const unencrypted = (type: string, key: string) =>
      allResources(stacks, type).filter((block) => !refersToKey(block[key]));
    const buckets = allResources(stacks, 'aws_s3_bucket_server_side_encryption_configuration');
    expect([
      ...unencrypted('aws_sqs_queue', 'kms_master_key_id'),
      ...unencrypted('aws_dynamodb_table', 'server_side_encryption'),
      ...unencrypted('aws_s3_bucket_server_side_encryption_configuration', 'rule'),
      ...buckets.filter((block) => !JSON.stringify(block).includes('"bucket_key_enabled":true')),
      ...unencrypted('aws_secretsmanager_secret', 'kms_key_id'),
      ...unencrypted('aws_sns_topic', 'kms_master_key_id'),
      ...unencrypted('aws_cloudwatch_log_group', 'kms_key_id'),
      ...unencrypted('aws_cloudwatch_event_archive', 'kms_key_identifier'),
    ]).toEqual([]);
    expect(buckets).toHaveLength(allResources(stacks, 'aws_s3_bucket').length);
  },

  'the key is each role’s to use in the stores that it may use, and in no other': (world) => {
    if (!world.stage.customerKey) return;
    for (const { stack } of apps(world)) {
      const statements = roleStatements(stack);
      const stores = ['dynamodb', 's3', 'secretsmanager', 'sqs'].filter((service) =>
        statements.some(({ Action }) => Action.some((action) => action.startsWith(`${service}:`))),
      );
      const through = stores.map((store) => `${store}.${world.stage.region}.amazonaws.com`);
      expect(statements.filter(({ Sid }) => Sid === 'StageKey')).toEqual([
        {
          Sid: 'StageKey',
          Effect: 'Allow',
          Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
          Resource: ['${data.aws_kms_alias.stage_key.target_key_arn}'],
          Condition: { StringEquals: { 'kms:ViaService': through } },
        },
      ]);
    }
  },

  'a secret can be read over TLS and from within the account only, whatever other policies say': ({
    stage,
    stacks,
  }) => {
    const policies = allResources(stacks, 'aws_secretsmanager_secret_policy');
    expect(policies).toHaveLength(allResources(stacks, 'aws_secretsmanager_secret').length);
    for (const { block_public_policy, policy } of policies) {
      expect(block_public_policy).toBe(true);
      expect(JSON.parse(String(policy))).toMatchObject({
        Statement: [
          { Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
          {
            Effect: 'Deny',
            Principal: '*',
            Condition: { StringNotEquals: { 'aws:PrincipalAccount': stage.account } },
          },
        ],
      });
    }
  },

  'every fact is in an archive for as long as what was set aside can come back': ({ stacks }) => {
    expect(resources(stacks.foundation, 'aws_cloudwatch_event_archive').archive).toMatchObject({
      event_source_arn: '${aws_cloudwatch_event_bus.bus.arn}',
      event_pattern: '{"source":["aftercall"]}',
      retention_days: 45,
    });
  },

  'a role may send traces to everywhere, and outside a network nothing else': (world) => {
    for (const { app, stack } of apps(world)) {
      const everywhere = roleStatements(stack).filter(({ Resource }) => Resource.includes('*'));
      const isInNetwork = resources(stack, 'aws_lambda_function')[app]?.vpc_config !== undefined;
      expect(everywhere.map(({ Sid, Action }) => [Sid, Action])).toEqual([
        ['Traces', ['xray:PutTraceSegments', 'xray:PutTelemetryRecords']],
        ...(isInNetwork ? [['NetworkInterfaces', expect.any(Array)]] : []),
      ]);
    }
  },

  'what calls a function calls its alias, so that a version can be taken back': (world) => {
    for (const { app, stack } of apps(world)) {
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
      for (const caller of callers)
        expect(caller).toMatch(/^\$\{aws_lambda_alias\.live\.(arn|invoke_arn)\}$/);
    }
  },

  'calls of AWS are the SDK’s where the stage says so, of every function that would make its own': ({
    stage,
    stacks,
  }) => {
    for (const { app, stack } of apps({ stage, stacks }))
      expect({ app, calls: environmentOf(stack).AWS_CALLS }).toEqual({
        app,
        calls: ON_THE_SDK.has(app) ? undefined : stage.awsCalls,
      });
  },

  'environments are ready from the one time to the other, and an apply in between leaves them alone': ({
    stage,
    stacks,
  }) => {
    const windows = stage.warm ?? [];
    expect(allResources(stacks, 'aws_appautoscaling_target')).toHaveLength(windows.length);
    for (const { app, environments, from, until, timezone } of windows) {
      const stack = stacks[APP_NAMES.find((one) => one === app) ?? 'ingest'];
      expect(resources(stack, 'aws_appautoscaling_target').warm).toMatchObject({
        resource_id: `function:aftercall-${stage.name}-${app}:live`,
        scalable_dimension: 'lambda:function:ProvisionedConcurrency',
        min_capacity: 0,
        lifecycle: { ignore_changes: ['min_capacity', 'max_capacity'] },
      });
      const { warm_from, warm_until } = resources(stack, 'aws_appautoscaling_scheduled_action');
      const capacity = String(environments);
      expect(warm_from).toMatchObject({
        schedule: from,
        timezone,
        scalable_target_action: { min_capacity: capacity, max_capacity: capacity },
      });
      expect(warm_until).toMatchObject({
        schedule: until,
        timezone,
        scalable_target_action: { min_capacity: '0', max_capacity: '0' },
      });
    }
  },

  'ingest has the memory and the share of the account that the stage gives it': ({ stage, stacks }) => {
    const { memoryMegabytes, reservedConcurrency } = stage.ingest;
    const { memory_size, reserved_concurrent_executions } =
      resources(stacks.ingest, 'aws_lambda_function').ingest ?? {};
    expect([memory_size, reserved_concurrent_executions]).toEqual([memoryMegabytes, reservedConcurrency]);
  },

  'no role exceeds the boundary of the stage': ({ stage, stacks }) => {
    const roles = allResources(stacks, 'aws_iam_role');
    expect(roles.length).toBeGreaterThanOrEqual(APP_NAMES.length);
    for (const role of roles) expect(role.permissions_boundary).toBe(stage.permissionsBoundary);
  },

  'what is made bears application, stage, owner and cost centre': ({ stage, stacks }) => {
    for (const name of stackNames(stage)) {
      const [{ default_tags } = { default_tags: [] }] = stacks[name].provider.aws as unknown as readonly {
        default_tags: readonly { tags: Readonly<Record<string, string>> }[];
      }[];
      expect(default_tags[0]?.tags).toEqual({
        application: 'aftercall',
        stage: stage.name,
        stack: name,
        team: isApp(name) ? teamOf(name) : 'maintainers',
        ...(isApp(name) && { app: name }),
        ...(stage.costCentre && { 'cost-centre': stage.costCentre }),
      });
    }
  },
};
