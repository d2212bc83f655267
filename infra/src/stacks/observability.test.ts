import { describe, expect, test } from '@jest/globals';
import { validStage } from '../stage.ts';
import { stageNamed } from '../stages.ts';
import { resources, synthesisedStacks } from '../synthesised-stacks.ts';

const dev = stageNamed('dev');
const { observability } = synthesisedStacks('dev');

test('observability of stage dev is what was reviewed', () => {
  expect(observability).toMatchSnapshot();
});

describe('the topic', () => {
  test('is encrypted with the stage’s key', () => {
    expect(resources(observability, 'aws_sns_topic').alarms).toMatchObject({
      name: 'aftercall-dev-alarms',
      kms_master_key_id: '${data.aws_kms_alias.stage_key.target_key_arn}',
    });
  });

  test('takes what alarms and budgets of this account say, over TLS, and nothing else', () => {
    const { policy } = resources(observability, 'aws_sns_topic_policy').alarms_policy ?? {};
    expect(JSON.parse(String(policy))).toMatchObject({
      Statement: [
        { Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
        ...['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'].map((Service) => ({
          ...{ Effect: 'Allow', Principal: { Service }, Action: 'sns:Publish' },
          Condition: { StringEquals: { 'aws:SourceAccount': dev.account } },
        })),
      ],
    });
  });

  test('asks each address of the stage whether it wants to be told', () => {
    const emails = ['night@example.com', 'day@example.com'];
    const stage = validStage({ ...dev, observability: { ...dev.observability, emails } });
    const subscriptions = resources(synthesisedStacks(stage).observability, 'aws_sns_topic_subscription');
    expect(Object.values(subscriptions)).toEqual(
      emails.map((endpoint) => ({ protocol: 'email', endpoint, topic_arn: '${aws_sns_topic.alarms.arn}' })),
    );
  });
});

test('dead letters are counted where they are kept, so that whoever is told finds them', () => {
  expect(resources(observability, 'aws_cloudwatch_metric_alarm').alarm_dead_letters).toMatchObject({
    alarm_name: 'aftercall-dev-dead-letters',
    namespace: 'Aftercall',
    metric_name: 'DeadLettered',
    dimensions: { Function: 'dead-letters' },
    statistic: 'Sum',
    comparison_operator: 'GreaterThanOrEqualToThreshold',
    threshold: 1,
    treat_missing_data: 'notBreaching',
  });
});

test('a stage that is not watched has no alarms and no stack for them', () => {
  const { observability: _, ...unwatched } = dev;
  const stacks = synthesisedStacks(validStage(unwatched));
  expect(Object.keys(stacks)).not.toContain('observability');
  expect(JSON.stringify(stacks)).not.toMatch(/aws_cloudwatch_metric_alarm|aws_sns_topic/);
});

test('on AWS a look takes whole minutes', () => {
  const stage = { ...dev, observability: { ...dev.observability, periodSeconds: 10 } };
  expect(() => validStage(stage)).toThrow('observability.periodSeconds: must be whole minutes');
});

test('AWS Config watches rotation, encryption, recovery, public access and runtimes, where the stage asks for it', () => {
  const rules = resources(observability, 'aws_config_config_rule');
  const identifiers = Object.values(rules).map(
    ({ source }) => (source as { source_identifier: string }).source_identifier,
  );
  expect(identifiers).toEqual(
    expect.arrayContaining([
      'SECRETSMANAGER_SECRET_PERIODIC_ROTATION',
      'CMK_BACKING_KEY_ROTATION_ENABLED',
      'DYNAMODB_TABLE_ENCRYPTED_KMS',
      'S3_DEFAULT_ENCRYPTION_KMS',
      'DYNAMODB_PITR_ENABLED',
      'S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED',
      'LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED',
      'LAMBDA_FUNCTION_SETTINGS_CHECK',
    ]),
  );
  expect(rules.config_function_runtime?.input_parameters).toBe('{"runtime":"nodejs24.x"}');
  for (const rule of Object.values(rules))
    expect(rule.scope).toEqual({ tag_key: 'application', tag_value: 'aftercall' });
  const { configRules: _, ...rest } = dev.observability ?? {};
  const stacks = synthesisedStacks(validStage({ ...dev, observability: rest }));
  expect(resources(stacks.observability, 'aws_config_config_rule')).toEqual({});
});

test('a stage that leaves keys to AWS is not asked for keys of its own', () => {
  const { customerKey: _, ...keyless } = dev;
  const rules = resources(synthesisedStacks(validStage(keyless)).observability, 'aws_config_config_rule');
  expect(Object.keys(rules)).not.toEqual([]);
  expect(Object.keys(rules).filter((name) => /encryption|key/.test(name))).toEqual([]);
});

test('the budget tells the topic of what is billed, and of what will be', () => {
  expect(resources(observability, 'aws_budgets_budget').budget).toMatchObject({
    budget_type: 'COST',
    time_unit: 'MONTHLY',
    limit_amount: '100',
    limit_unit: 'USD',
    notification: ['ACTUAL', 'FORECASTED'].map((notification_type) => ({
      ...{ notification_type, threshold: 100, threshold_type: 'PERCENTAGE' },
      subscriber_sns_topic_arns: ['${aws_sns_topic.alarms.arn}'],
    })),
  });
});
