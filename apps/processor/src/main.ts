import { dynamodbCall, eventsCall, s3Call, secretsManagerCall, sqsCall } from '@aftercall/aws-json/function';
import { watchedCall } from '@aftercall/circuit-breaker';
import { functionCircuits } from '@aftercall/circuit-breaker/function';
import { eventbridgeFacts } from '@aftercall/facts';
import { createLedger, dynamodbLedgerStore } from '@aftercall/idempotency';
import {
  createEnqueue,
  isUnavailable,
  sqsChangeVisibility,
  sqsDeadLetter,
  sqsSendBatch,
} from '@aftercall/queue';
import { parsedSecret, secretsManagerSecrets } from '@aftercall/secrets';
import type { SetAside } from '@aftercall/set-aside';
import { parseKeyring } from '@aftercall/signing';
import { createLogger, createMetrics } from '@aftercall/telemetry';
import { parseConfig } from './config.ts';
import { dynamodbConversations } from './dynamodb-conversations.ts';
import { createHandler } from './handler.ts';
import { publishOnly } from './publish-only.ts';
import { recordEvent } from './record-event.ts';
import { s3Deliveries } from './s3-deliveries.ts';
import { splitInTurn } from './split-in-turn.ts';
import { type SplitDeps, splitStoredDelivery } from './split-stored-delivery.ts';
import { vouchedNames } from './vouched-names.ts';

/** A downstream that hangs is noticed while there is time to give the message back. */
const PATIENCE = { maxAttempts: 3, timeoutMillis: 2_000 };
/** An event may be a quarter of an hour ahead, and wait in the queue for four days, before it is claimed. */
const LEDGER_MARGIN_SECONDS = 15 * 60 + 4 * 86_400;

const config = parseConfig(process.env);
const now = () => new Date();
const random = () => Math.random();
const reach = { access: config.awsAccess, ...PATIENCE };
const { eventsQueueUrl, eventsDeadLetterQueueUrl } = config;
const sqs = sqsCall(eventsQueueUrl, reach);
const secrets = secretsManagerSecrets(secretsManagerCall(reach), {
  ttlSeconds: config.secretTtlSeconds,
  now,
  random,
});
const keyring = parsedSecret(secrets, config.sealingSecretName, parseKeyring);

/** A rare path: its clients are loaded when the first bad item needs them, not at every cold start. */
let setAside: Promise<SetAside> | undefined;
const loadSetAside = () =>
  (setAside ??= import('@aftercall/set-aside').then((rare) =>
    rare.s3SetAside(config.setAsideBucket, config.setAsideTable, now),
  ));

const log = createLogger({ function: 'processor', level: config.logLevel });
const metrics = createMetrics({ function: 'processor', now });
const circuits = functionCircuits({
  function: 'processor',
  access: config.awsAccess,
  settings: config.circuits,
  queueUrl: eventsQueueUrl,
  namesOf: (message, current) => vouchedNames(message, current, now()),
  isUnavailable,
  metrics,
  log,
  now,
  random,
});
const dynamodb = watchedCall(circuits, 'dynamodb', dynamodbCall(reach));
const publish = eventbridgeFacts(watchedCall(circuits, 'events', eventsCall(reach)), config.busName);

const recordDeps = {
  ...dynamodbConversations(dynamodb, config.conversationsTable),
  publish: publishOnly(config.publishes, publish),
  defaultOrg: config.defaultOrg,
  sentimentScores: config.sentimentScores,
  sentimentScales: config.sentimentScales,
  rawPayload: config.rawPayload,
};
const splitDeps: Omit<SplitDeps, 'remainingMillis'> = {
  sources: config.sources,
  retentionSeconds: config.retentionSeconds,
  quarantineDailyBytes: config.quarantineDailyBytes,
  keyring: keyring.current,
  ...s3Deliveries(s3Call(reach), config.deliveriesBucket),
  enqueue: createEnqueue(sqsSendBatch(sqs, eventsQueueUrl)),
  quarantine: async (item) => (await loadSetAside()).put(item),
};

export const handler = createHandler({
  keyring,
  ledger: createLedger({
    store: dynamodbLedgerStore(dynamodb, config.ledgerTable),
    consumer: 'processor',
    now,
    newOwner: () => crypto.randomUUID(),
    retentionSeconds: config.retentionSeconds + LEDGER_MARGIN_SECONDS,
  }),
  maxAttempts: config.maxAttempts,
  recordEvent: (envelope) => recordEvent(envelope, recordDeps),
  splitStoredDelivery: splitInTurn((envelope, remainingMillis) =>
    splitStoredDelivery(envelope, { ...splitDeps, remainingMillis }),
  ),
  changeVisibility: sqsChangeVisibility(sqs, eventsQueueUrl),
  deadLetter: sqsDeadLetter(sqs, eventsDeadLetterQueueUrl, { function: 'processor', now }),
  backoff: config.backoff,
  circuits,
  log,
  metrics,
  random,
  now,
});
