import { CloudwatchEventBus } from '@cdktn/provider-aws/lib/cloudwatch-event-bus/index.js';
import { CloudwatchEventArchive } from '@cdktn/provider-aws/lib/cloudwatch-event-archive/index.js';
import { SsmParameter } from '@cdktn/provider-aws/lib/ssm-parameter/index.js';
import type { Construct } from 'constructs';
import { bucket } from '../constructs/bucket.ts';
import { RETENTION_SECONDS } from '../constructs/encrypted-queue.ts';
import { fifoQueue } from '../constructs/fifo-queue.ts';
import { secret } from '../constructs/secret.ts';
import { stageKey, stageKeyArn } from '../constructs/stage-key.ts';
import { table } from '../constructs/table.ts';
import { versionedBucket } from '../constructs/versioned-bucket.ts';
import type { Names } from '../names.ts';
import type { StageConfig } from '../stage.ts';

/** Copies of what a customer said are kept for as long as a person may need to replay them, then deleted. */
const SET_ASIDE_DAYS = 45;
/** A message may point here for 4 days on its queue, 14 in the dead-letter queue and 45 set aside, and a day of margin. */
const DELIVERIES_DAYS = 64;

/** The stage, and the names its resources get. */
export interface FoundationProps {
  readonly stage: StageConfig;
  readonly names: Names;
}

/** What more than one function uses, and what has to outlive every function. */
export function foundation(scope: Construct, { stage, names }: FoundationProps): void {
  stageKey(scope);
  fifoQueue(scope, 'events', {
    name: names.eventsQueue,
    deadLetterQueueName: names.eventsDeadLetterQueue,
    visibilitySeconds: stage.eventsVisibilitySeconds,
    retentionSeconds: RETENTION_SECONDS,
  });
  tables(scope, stage, names);
  bucket(scope, 'deliveries', { name: names.deliveriesBucket, expireAfterDays: DELIVERIES_DAYS });
  bucket(scope, 'set_aside_bucket', { name: names.setAsideBucket, expireAfterDays: SET_ASIDE_DAYS });
  bucket(scope, 'lake', { name: names.lakeBucket });
  bucket(scope, 'transcripts', { name: names.transcriptsBucket });
  // Here and not with the API, which cannot be made before the bundle is there.
  if (stage.front?.domain?.truststore) versionedBucket(scope, 'truststore', { name: names.truststoreBucket });
  archivedBus(scope, names);
  new SsmParameter(scope, 'circuits', {
    name: names.circuitsParameter,
    description: 'Which circuits are open. Written by the functions and by hand, see aftercall circuit.',
    type: 'String',
    value: '{"circuits":{}}',
    lifecycle: { ignoreChanges: ['value'] },
  });
  secrets(scope, stage, names);
}

/** Facts can be told again for as long as what was set aside can come back: consumers know a repeated one by its id. */
function archivedBus(scope: Construct, names: Names): void {
  const bus = new CloudwatchEventBus(scope, 'bus', { name: names.bus });
  const keyArn = stageKeyArn(scope);
  new CloudwatchEventArchive(scope, 'archive', {
    name: names.archive,
    description: 'Every fact, so that a new consumer can be told of what was before it.',
    eventSourceArn: bus.arn,
    eventPattern: JSON.stringify({ source: ['aftercall'] }),
    retentionDays: SET_ASIDE_DAYS,
    ...(keyArn !== undefined && { kmsKeyIdentifier: keyArn }),
  });
}

function tables(scope: Construct, stage: StageConfig, names: Names): void {
  table(scope, 'ledger', {
    name: names.ledgerTable,
    hashKey: 'pk',
    timeToLiveAttribute: 'expiresAt',
    stageName: stage.name,
  });
  table(scope, 'conversations', {
    name: names.conversationsTable,
    hashKey: 'conversationId',
    stageName: stage.name,
  });
  table(scope, 'set_aside_table', {
    name: names.setAsideTable,
    hashKey: 'pk',
    rangeKey: 'sk',
    timeToLiveAttribute: 'expiresAt',
    stageName: stage.name,
  });
}

function secrets(scope: Construct, stage: StageConfig, names: Names): void {
  for (const { key } of stage.sources) {
    secret(scope, `source_${key}`, {
      name: names.sourceSecret(key),
      description: `Signs the deliveries of source ${key}. The value is set outside Terraform.`,
    });
  }
  if (stage.genesys?.some(({ sharesTokens }) => sharesTokens)) {
    secret(scope, 'token_store', {
      name: names.tokenStoreSecret,
      description:
        'The URL (rediss://) of the store that tokens are shared in. The value is set outside Terraform.',
    });
  }
  secret(scope, 'sealing', {
    name: names.sealingSecret,
    description: 'The keyring that seals queue messages. The value is set outside Terraform.',
  });
}
