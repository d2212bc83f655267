import { SnsTopic } from '@cdktn/provider-aws/lib/sns-topic/index.js';
import { SnsTopicPolicy } from '@cdktn/provider-aws/lib/sns-topic-policy/index.js';
import { SnsTopicSubscription } from '@cdktn/provider-aws/lib/sns-topic-subscription/index.js';
import type { Construct } from 'constructs';
import { names } from '../names.ts';
import type { ObservabilitySettings } from '../observability-settings.ts';
import { ALARMS_TOPIC_ID } from './alarm.ts';
import { stageKeyArn } from './stage-key.ts';
import { stageOf } from './stage-of.ts';
import { policyDocument } from './statement.ts';

/**
 * Where all alarms of a stage go, encrypted with the stage's key: CloudWatch may not use the key that AWS has for
 * topics, so a stage that leaves keys to AWS has what SNS does by itself.
 */
export function alarmsTopic(scope: Construct, { emails = [] }: ObservabilitySettings): SnsTopic {
  const stage = stageOf(scope);
  const keyArn = stageKeyArn(scope);
  const topic = new SnsTopic(scope, ALARMS_TOPIC_ID, {
    name: names(stage).alarmsTopic,
    displayName: `Aftercall ${stage.name}`,
    ...(keyArn !== undefined && { kmsMasterKeyId: keyArn }),
  });
  new SnsTopicPolicy(scope, `${ALARMS_TOPIC_ID}_policy`, {
    arn: topic.arn,
    policy: policyDocument([
      publishedOverTls(topic.arn),
      ...PUBLISHERS.map((service) => publishedBy(service, topic.arn, stage.account)),
    ]),
  });
  emails.forEach((endpoint, index) => {
    const config = { topicArn: topic.arn, protocol: 'email', endpoint };
    new SnsTopicSubscription(scope, `${ALARMS_TOPIC_ID}_email_${index}`, config);
  });
  return topic;
}

/** SNS refuses a policy with `sns:*`. */
const publishedOverTls = (topicArn: string): object => ({
  Sid: 'TlsOnly',
  Effect: 'Deny',
  Principal: '*',
  Action: 'sns:Publish',
  Resource: [topicArn],
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
});

/** Alarms, and the budget. */
const PUBLISHERS = ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'];

const publishedBy = (service: string, topicArn: string, account: string): object => ({
  Effect: 'Allow',
  Principal: { Service: service },
  Action: 'sns:Publish',
  Resource: [topicArn],
  Condition: { StringEquals: { 'aws:SourceAccount': account } },
});
