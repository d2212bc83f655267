import { parseConfig } from '@aftercall/partner-ingest/config';
import { adaptPartnerEvent } from '@aftercall/schemas';
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
import { partnerPattern } from '../partner-pattern.ts';
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

const dev = synthesisedStacks('dev')['partner-ingest'];
const local = synthesisedStacks('local')['partner-ingest'];

const QUEUE = '${aws_sqs_queue.queue.arn}';
const DEAD_LETTERS = '${aws_sqs_queue.queue_dead.arn}';
const EVENTS = '${data.aws_sqs_queue.events.arn}';
const SECRETS = [SEALING_SECRET, '${aws_secretsmanager_secret.genesys_main.arn}'];

/** Which file sends which command where. */
const CALLS: Calls = {
  ...HOLDING_CALLS,
  'libs/queue/src/sqs-change-visibility.ts ChangeMessageVisibilityCommand': [QUEUE],
  'libs/queue/src/sqs-dead-letter.ts SendMessageCommand': [DEAD_LETTERS],
  'libs/queue/src/sqs-send-batch.ts SendMessageBatchCommand': [EVENTS],
  'libs/secrets/src/secretsmanager-secret-store.ts GetSecretValueCommand': SECRETS,
};

test('partner-ingest of stage dev is what was reviewed', () => {
  expect(dev).toMatchSnapshot();
});

test.each(['local', 'dev'])('partner-ingest accepts the environment that it gets on stage %s', (stage) => {
  const config = parseConfig(runtimeEnvironmentOf(synthesisedStacks(stage)['partner-ingest']));
  expect(config).toMatchObject({ stage });
  expect([...config.genesysOrgs.keys()]).toEqual(['main']);
});

test('partner-ingest may do on each resource exactly what its code does', async () => {
  expect(await deployedCalls('partner-ingest')).toEqual(Object.keys(CALLS).toSorted());
  expect(grantsByResource(dev)).toEqual({
    ...actionsFor(CALLS),
    [QUEUE]: [...POLLING, ...(actionsFor(CALLS)[QUEUE] ?? [])].toSorted(),
    // What makes S3 answer 404 to a HEAD.
    [SET_ASIDE_BUCKET]: ['s3:ListBucket'],
    '${aws_cloudwatch_log_group.log.arn}:*': ['logs:CreateLogStream', 'logs:PutLogEvents'],
  });
});

test('each partner event source has a bus of its name, and a rule on exactly that source', () => {
  const { partner = [] } = stageNamed('local');
  expect(partner).toHaveLength(2);
  const buses = resources(local, 'aws_cloudwatch_event_bus');
  const rules = resources(local, 'aws_cloudwatch_event_rule');
  expect(Object.keys(rules)).toHaveLength(2);
  for (const { key, eventSourceName } of partner) {
    expect(buses[`bus_${key}`]).toEqual({ name: eventSourceName, event_source_name: eventSourceName });
    expect(rules[`rule_${key}`]?.event_bus_name).toBe(`\${aws_cloudwatch_event_bus.bus_${key}.name}`);
    expect(JSON.parse(String(rules[`rule_${key}`]?.event_pattern))).toMatchObject({
      source: [eventSourceName],
    });
    expect(resources(local, 'aws_cloudwatch_event_target')[`target_${key}`]).toMatchObject({
      rule: `\${aws_cloudwatch_event_rule.rule_${key}.name}`,
      arn: QUEUE,
    });
  }
});

test('of transcription only the end of a session is asked for; a wildcard is asked for nowhere', () => {
  const pattern = String(resources(dev, 'aws_cloudwatch_event_rule').rule_partner?.event_pattern);
  const { $or } = JSON.parse(pattern) as { $or: { 'detail-type': string[]; detail?: object }[] };
  const [topics, transcription] = $or;
  expect(topics?.['detail-type']).toHaveLength(13);
  expect(transcription).toEqual({
    'detail-type': ['v2.conversations.{id}.transcription'],
    detail: { eventBody: { status: { status: [{ 'equals-ignore-case': 'SESSION_ENDED' }] } } },
  });
  expect(pattern).not.toMatch(/prefix|suffix|wildcard|anything-but/);
});

test('every topic that is asked for is one that the function understands', () => {
  const { $or } = partnerPattern('aws.partner/genesys.com/cloud/1/a');
  const topics = $or.flatMap((alternative) => alternative['detail-type']);
  const outcomeOf = (topic: string) =>
    adaptPartnerEvent({
      id: '1',
      source: 'aws.partner/genesys.com/cloud/1/a',
      'detail-type': topic,
      time: '2026-11-20T14:03:27Z',
      detail: { timestamp: null, eventBody: {} },
    });
  expect(topics).toHaveLength(14);
  for (const topic of topics)
    expect({ topic, ...outcomeOf(topic) }).toMatchObject({ topic, outcome: 'refused' });
  expect(outcomeOf('v2.users.{id}.presence')).toMatchObject({ reason: 'unknown-topic' });
});

test('an organisation without a Platform API is let in all the same', () => {
  const { genesys: _, transcripts: _transcripts, backfill: _backfill, ...stage } = stageNamed('dev');
  const stack = synthesisedStacks(validStage(stage))['partner-ingest'];
  expect(environmentOf(stack).GENESYS_ORGS).toBe('[]');
  expect(resources(stack, 'aws_secretsmanager_secret')).toEqual({});
});

test('partner-ingest may archive, and neither quarantine nor touch a dead letter', () => {
  expect(conditionsByResource(dev)).toEqual({ [SET_ASIDE_TABLE]: HOLDING_CONDITION });
});
