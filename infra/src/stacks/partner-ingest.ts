import { CloudwatchEventBus } from '@cdktn/provider-aws/lib/cloudwatch-event-bus/index.js';
import { CloudwatchEventRule } from '@cdktn/provider-aws/lib/cloudwatch-event-rule/index.js';
import { DataAwsCloudwatchEventBus } from '@cdktn/provider-aws/lib/data-aws-cloudwatch-event-bus/index.js';
import { DataAwsSqsQueue } from '@cdktn/provider-aws/lib/data-aws-sqs-queue/index.js';
import type { Env } from '@aftercall/partner-ingest/config';
import type { Construct } from 'constructs';
import type { AppStackProps } from '../app-stacks.ts';
import { circuitEnvironment, holdingGrants } from '../constructs/circuit-grants.ts';
import { genesysAccess, type GenesysAccess } from '../constructs/genesys-access.ts';
import { queueFunction } from '../constructs/queue-function.ts';
import type { QueueRule } from '../constructs/queue-rule.ts';
import type { QueuePair } from '../constructs/encrypted-queue.ts';
import { allow } from '../constructs/statement.ts';
import type { PartnerSettings } from '../genesys-settings.ts';
import type { Names } from '../names.ts';
import { partnerPattern } from '../partner-pattern.ts';
import { awsCallsVariable } from '../platform-settings.ts';
import type { StageConfig } from '../stage.ts';

/** The most that a function gets at a time without a batching window. */
const BATCH_SIZE = 10;

/** The partner buses, the queue in which their events wait, and the function that brings them into the pipeline. */
export function partnerIngest(scope: Construct, { stage, names, code }: AppStackProps): void {
  const partner = stage.partner ?? [];
  const events = new DataAwsSqsQueue(scope, 'events', { name: names.eventsQueue });
  const bus = new DataAwsCloudwatchEventBus(scope, 'bus', { name: names.bus });
  const orgs = new Set(partner.map(({ key, org }) => org ?? key));
  const genesys = genesysAccess(scope, { app: 'partner-ingest', stage, names, orgs });
  queueFunction(scope, {
    app: 'partner-ingest',
    queue: 'partner-inbox',
    names,
    rules: Object.fromEntries(
      partner.map((source) => [`target_${source.key}`, partnerRule(scope, source, names)]),
    ),
    impact:
      'What Genesys Cloud sends through EventBridge waits in the inbox: conversations and outcomes fall behind, nothing is lost for four days.',
    settings: stage.consumers,
    batchSize: BATCH_SIZE,
    environment: (queues) => environment(stage, names, { ...queues, eventsUrl: events.url, genesys }),
    grants: () => [
      allow(['sqs:SendMessage'], [events.arn]),
      ...holdingGrants(scope, names),
      allow(['events:PutEvents'], [bus.arn]),
      ...genesys.grants,
    ],
    code,
  });
}

/** Takes over what the integration of Genesys Cloud has created in the account, and listens to our topics on it. */
function partnerRule(scope: Construct, { key, eventSourceName }: PartnerSettings, names: Names): QueueRule {
  // Of the same name as its source: EventBridge accepts no other.
  const bus = new CloudwatchEventBus(scope, `bus_${key}`, { name: eventSourceName, eventSourceName });
  const rule = new CloudwatchEventRule(scope, `rule_${key}`, {
    name: names.partnerRule(key),
    description: 'Takes the topics of Genesys Cloud that libs/schemas/src/partner-topics.ts names.',
    eventBusName: bus.name,
    eventPattern: JSON.stringify(partnerPattern(eventSourceName)),
  });
  return { rule, busName: bus.name, targetId: 'partner-inbox' };
}

function environment(
  stage: StageConfig,
  names: Names,
  { queue, deadLetterQueue, eventsUrl, genesys }: QueuePair & { eventsUrl: string; genesys: GenesysAccess },
) {
  return {
    STAGE: stage.name,
    EVENTS_QUEUE_URL: eventsUrl,
    PARTNER_INBOX_QUEUE_URL: queue.url,
    PARTNER_INBOX_DEAD_LETTER_QUEUE_URL: deadLetterQueue.url,
    ...circuitEnvironment(stage, names),
    PARTNER_SOURCES: JSON.stringify(stage.partner ?? []),
    GENESYS_ORGS: genesys.variable,
    RETENTION_SECONDS: String(stage.retentionSeconds),
    SECRET_TTL_SECONDS: String(stage.secretTtlSeconds),
    BACKOFF_BASE_SECONDS: String(stage.consumers.backoffBaseSeconds),
    BACKOFF_MAX_SECONDS: String(stage.consumers.backoffMaxSeconds),
    LOG_LEVEL: stage.logLevel,
    ...awsCallsVariable(stage),
  } satisfies Env;
}
