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

  test('takes what alarms of this account say, over TLS, and nothing else', () => {
    const { policy } = resources(observability, 'aws_sns_topic_policy').alarms_policy ?? {};
    expect(JSON.parse(String(policy))).toMatchObject({
      Statement: [
        { Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
        {
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: 'sns:Publish',
          Condition: { StringEquals: { 'aws:SourceAccount': dev.account } },
        },
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
