import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { sdkOptions } from '@aftercall/aws-json';
import { eventsCall, s3Call, secretsManagerCall, sqsCall } from '@aftercall/aws-json/function';
import { sdkDynamodb } from '@aftercall/aws-json/sdk-dynamodb';
import { watchedCall, watchedClient } from '@aftercall/circuit-breaker';
import { functionCircuits } from '@aftercall/circuit-breaker/function';
import { guardedDownload } from '@aftercall/egress';
import { eventbridgeFacts } from '@aftercall/facts';
import { isOfTheRequest, platformApis } from '@aftercall/genesys';
import { createLedger, dynamodbLedgerStore } from '@aftercall/idempotency';
import { parseClientCredentials, systemClock } from '@aftercall/oauth';
import {
  createEnqueue,
  isUnavailable,
  sqsChangeVisibility,
  sqsDeadLetter,
  sqsSendBatch,
} from '@aftercall/queue';
import { parsedSecret, secretsManagerSecrets } from '@aftercall/secrets';
import { createLogger, createMetrics } from '@aftercall/telemetry';
import { parseConfig } from './config.ts';
import { dynamodbConversationTranscripts } from './dynamodb-conversation-transcripts.ts';
import { dynamodbMissingTranscripts } from './dynamodb-missing-transcripts.ts';
import { enqueueRequests } from './enqueue-requests.ts';
import { createHandler } from './handler.ts';
import { archivedNames } from './transcript-names.ts';
import { type ObjectWays, originalsBucket, s3ObjectWriter } from './s3-object-writer.ts';

/** A downstream that hangs is noticed while there is time to give the message back. */
const PATIENCE = { maxAttempts: 3, timeoutMillis: 2_000 };
/** A part of 5 MB takes its time on a busy network; the whole of an upload ends with the invocation. */
const PATIENCE_WITH_PARTS = { ...PATIENCE, timeoutMillis: 15_000 };
/** Until a download begins, and again for each wait for more of it. */
const DOWNLOAD_TIMEOUT_MILLIS = 20_000;

const config = parseConfig(process.env);
const now = () => new Date();
const random = () => Math.random();
const log = createLogger({ function: 'transcript-fetcher', level: config.logLevel }).child({
  stage: config.stage,
});
const metrics = createMetrics({ function: 'transcript-fetcher', now });
const reach = { access: config.awsAccess, ...PATIENCE };
const sqs = sqsCall(config.transcriptQueueUrl, reach);
const circuits = functionCircuits({
  function: 'transcript-fetcher',
  access: config.awsAccess,
  settings: config.circuits,
  queueUrl: config.transcriptQueueUrl,
  namesOf: archivedNames,
  isUnavailable: (error) => isUnavailable(error) && !isOfTheRequest(error),
  metrics,
  log,
  now,
  random,
});
/** Most transcripts fit into one part: what uploads several is loaded with the first that does not. */
let uploads: Promise<ObjectWays['beginUpload']> | undefined;
async function loadUploads(): Promise<ObjectWays['beginUpload']> {
  const { s3MultipartUploads } = await import('./s3-multipart-uploads.ts');
  return s3MultipartUploads(sdkOptions(PATIENCE_WITH_PARTS), (client) =>
    watchedClient(circuits, 's3', client),
  );
}
const s3: ObjectWays = {
  call: watchedCall(circuits, 's3', s3Call({ access: config.awsAccess, ...PATIENCE_WITH_PARTS })),
  beginUpload: async (place) => (await (uploads ??= loadUploads()))(place),
};
const bus = watchedCall(circuits, 'events', eventsCall(reach));
const dynamodb = watchedClient(circuits, 'dynamodb', new DynamoDBClient(sdkOptions(PATIENCE)));
const documents = DynamoDBDocumentClient.from(dynamodb, {
  marshallOptions: { removeUndefinedValues: true },
});
const secrets = secretsManagerSecrets(secretsManagerCall(reach), {
  ttlSeconds: config.secretTtlSeconds,
  now,
  random,
});

export const handler = createHandler({
  ...config,
  circuits,
  ...dynamodbConversationTranscripts(documents, config.conversationsTable),
  ...dynamodbMissingTranscripts(documents, config.transcriptsTable),
  platformApi: platformApis({
    orgs: config.genesysOrgs,
    credentials: (name) => parsedSecret(secrets, name, parseClientCredentials),
    secretText: (name) => parsedSecret(secrets, name, (url) => url).current(),
    fetch,
    clock: systemClock(),
    random,
    log,
    countTokenRequest: (outcome) =>
      metrics.count('TokenRequests', 1, outcome === 'issued' ? {} : { Reason: outcome }),
    onRateLimitRemaining: (remaining) => metrics.least('RateLimitRemaining', remaining),
    watch: circuits.watch,
  }),
  download: (url, signal) =>
    guardedDownload(
      { url, signal, timeoutMillis: DOWNLOAD_TIMEOUT_MILLIS, maxAnswerBytes: config.maxTranscriptBytes },
      config.egress,
    ),
  openTranscriptObject: (key, signal) => s3ObjectWriter(s3, config.transcriptsBucket, key, signal),
  openOriginalObject: originalsBucket(s3, config.originalsBucket),
  ledger: createLedger({
    store: dynamodbLedgerStore(sdkDynamodb(documents), config.ledgerTable),
    consumer: 'transcript-fetcher',
    now,
    newOwner: () => crypto.randomUUID(),
    retentionSeconds: config.retentionSeconds,
  }),
  enqueue: enqueueRequests(createEnqueue(sqsSendBatch(sqs, config.transcriptQueueUrl))),
  publish: eventbridgeFacts(bus, config.busName),
  changeVisibility: sqsChangeVisibility(sqs, config.transcriptQueueUrl),
  deadLetter: sqsDeadLetter(sqs, config.transcriptDeadLetterQueueUrl, {
    function: 'transcript-fetcher',
    now,
  }),
  log,
  metrics,
  random,
  now,
});
