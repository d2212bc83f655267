import type { Env } from '@aftercall/compliance-router/config';
import type { DataAwsCloudwatchEventBus } from '@cdktn/provider-aws/lib/data-aws-cloudwatch-event-bus/index.js';
import { S3Object } from '@cdktn/provider-aws/lib/s3-object/index.js';
import type { SqsQueue } from '@cdktn/provider-aws/lib/sqs-queue/index.js';
import type { S3Bucket } from '@cdktn/provider-aws/lib/s3-bucket/index.js';
import type { Construct } from 'constructs';
import type { AppStackProps } from '../app-stacks.ts';
import { circuitEnvironment, holdingGrants } from '../constructs/circuit-grants.ts';
import { LONGEST_RETENTION_SECONDS, type QueuePair } from '../constructs/encrypted-queue.ts';
import { fifoQueue } from '../constructs/fifo-queue.ts';
import { genesysAccess } from '../constructs/genesys-access.ts';
import { routeFunction } from '../constructs/route-function.ts';
import { allow, type Statement } from '../constructs/statement.ts';
import { versionedBucket } from '../constructs/versioned-bucket.ts';
import type { Names } from '../names.ts';
import { awsCallsVariable } from '../platform-settings.ts';
import type { StageConfig } from '../stage.ts';

const RULES_KEY = 'compliance/rules.json';

/** Long enough for a team's own system to take a message over, short enough that one it dropped is soon there again. */
const QA_VISIBILITY_SECONDS = 300;

/** Each team's queue, by team. */
type QaQueues = ReadonlyMap<string, SqsQueue>;

/** The queue of outcomes with violations, the rules, a queue for each QA team, and the function between them. */
export function complianceRouter(scope: Construct, { stage, names, code }: AppStackProps): void {
  const rules = ruleSet(scope, stage, names);
  const teams = qaQueues(scope, stage, names);
  const genesys = genesysAccess(scope, { app: 'compliance-router', stage, names });
  routeFunction(scope, {
    route: 'compliance',
    names,
    impact:
      'Compliance violations wait in the queue: QA teams are told late, critical ones past their time; nothing is lost for four days.',
    settings: stage.compliance,
    environment: (queues) =>
      ({
        ...environment(stage, names, queues, teams),
        GENESYS_ORGS: genesys.variable,
      }) satisfies Env,
    grants: ({ bus }) => [
      ...complianceGrants(rules, teams, bus),
      ...holdingGrants(scope, names),
      ...genesys.grants,
    ],
    code,
  });
}

/** The rules in force. Each version stays, so that it can be told which one routed a violation. */
function ruleSet(scope: Construct, stage: StageConfig, names: Names): S3Bucket {
  const { made, versioning } = versionedBucket(scope, 'config', { name: names.configBucket });
  new S3Object(scope, 'rules', {
    bucket: made.id,
    key: RULES_KEY,
    content: JSON.stringify(stage.compliance.rules),
    contentType: 'application/json',
    dependsOn: [versioning],
  });
  return made;
}

/** A message that nobody has taken must not disappear while a team is away for a week. */
function qaQueues(scope: Construct, { compliance }: StageConfig, names: Names): QaQueues {
  const made = compliance.teams.map((team) => {
    const { queue } = fifoQueue(scope, `qa_${team}`, {
      name: names.qaQueue(team),
      deadLetterQueueName: names.qaDeadLetterQueue(team),
      visibilitySeconds: QA_VISIBILITY_SECONDS,
      retentionSeconds: LONGEST_RETENTION_SECONDS,
    });
    return [team, queue] as const;
  });
  return new Map(made);
}

function environment(
  stage: StageConfig,
  names: Names,
  { queue, deadLetterQueue }: QueuePair,
  teams: QaQueues,
) {
  const { compliance } = stage;
  const urls = [...teams].map(([team, { url }]) => [team, url]);
  return {
    STAGE: stage.name,
    COMPLIANCE_QUEUE_URL: queue.url,
    COMPLIANCE_DEAD_LETTER_QUEUE_URL: deadLetterQueue.url,
    RULES_BUCKET: names.configBucket,
    RULES_KEY,
    RULES_POLL_SECONDS: String(compliance.rulesPollSeconds),
    QA_QUEUE_URLS: JSON.stringify(Object.fromEntries(urls)),
    ...circuitEnvironment(stage, names),
    GENESYS_APP_URL: compliance.genesysAppUrl,
    SECRET_TTL_SECONDS: String(stage.secretTtlSeconds),
    BACKOFF_BASE_SECONDS: String(compliance.backoffBaseSeconds),
    BACKOFF_MAX_SECONDS: String(compliance.backoffMaxSeconds),
    LOG_LEVEL: stage.logLevel,
    ...awsCallsVariable(stage),
  };
}

function complianceGrants(
  rules: S3Bucket,
  teams: QaQueues,
  bus: DataAwsCloudwatchEventBus,
): readonly Statement[] {
  return [
    // Older versions too: they are what holds when the newest rule set turns out to be none.
    allow(['s3:GetObject', 's3:GetObjectVersion'], [`${rules.arn}/${RULES_KEY}`]),
    // Without ListBucket S3 answers 403 instead of 404 for rules that are not there.
    allow(['s3:ListBucketVersions', 's3:ListBucket'], [rules.arn]),
    allow(
      ['sqs:SendMessage'],
      [...teams.values()].map(({ arn }) => arn),
    ),
    allow(['events:PutEvents'], [bus.arn]),
  ];
}
