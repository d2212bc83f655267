import { secretsManagerCall, sqsCall } from '@aftercall/aws-json/function';
import { watchedCall } from '@aftercall/circuit-breaker';
import { functionCircuits } from '@aftercall/circuit-breaker/function';
import { downstreamOf, isOfTheRequest } from '@aftercall/genesys';
import { systemClock } from '@aftercall/oauth';
import { isUnavailable, sendAll, sqsChangeVisibility, sqsDeadLetter, sqsSendBatch } from '@aftercall/queue';
import { parsedSecret, secretsManagerSecrets } from '@aftercall/secrets';
import { parseKeyring } from '@aftercall/signing';
import { createLogger, createMetrics, traceparentOf } from '@aftercall/telemetry';
import { createCategoryNames, type LookUpNames } from './category-names.ts';
import { parseConfig } from './config.ts';
import { createHandler } from './handler.ts';
import { eventNames } from './read-event.ts';

/** A downstream that hangs is noticed while there is time to give the message back. */
const PATIENCE = { maxAttempts: 3, timeoutMillis: 2_000 };
/** What is not on the queue then comes again with its message. */
const SENDING = { attempts: 2, concurrency: 8 };

const config = parseConfig(process.env);
const now = () => new Date();
const random = () => Math.random();
const reach = { access: config.awsAccess, ...PATIENCE };
const sqs = sqsCall(config.partnerInboxQueueUrl, reach);
const secrets = secretsManagerSecrets(secretsManagerCall(reach), {
  ttlSeconds: config.secretTtlSeconds,
  now,
  random,
});
const log = createLogger({ function: 'partner-ingest', level: config.logLevel }).child({
  stage: config.stage,
});
const metrics = createMetrics({ function: 'partner-ingest', now });

const circuits = functionCircuits({
  function: 'partner-ingest',
  access: config.awsAccess,
  settings: config.circuits,
  queueUrl: config.partnerInboxQueueUrl,
  namesOf: ({ body }) => eventNames(body, config.partnerSources),
  isUnavailable: (error) => isUnavailable(error) && !isOfTheRequest(error),
  metrics,
  log,
  now,
  random,
});
/** Apart from the calls that give messages back, which say nothing of `events.fifo`. */
const events = watchedCall(circuits, 'sqs', sqsCall(config.eventsQueueUrl, reach));
const sendBatch = sqsSendBatch(events, config.eventsQueueUrl);

/** Only events of categories need it: loaded when the first one comes, not at every cold start. */
let lookUpNames: Promise<LookUpNames> | undefined;
const loadLookUpNames = () =>
  (lookUpNames ??= import('./http-category-names.ts').then((rare) =>
    rare.httpCategoryNames({
      orgs: config.genesysOrgs,
      secrets,
      fetch,
      clock: systemClock(),
      random,
      log,
      countTokenRequest: (outcome) =>
        metrics.count('TokenRequests', 1, outcome === 'issued' ? {} : { Reason: outcome }),
      onRateLimitRemaining: (remaining) => metrics.least('RateLimitRemaining', remaining),
      watch: circuits.watch,
    }),
  ));

export const handler = createHandler({
  circuits,
  sources: config.partnerSources,
  retentionSeconds: config.retentionSeconds,
  traceparent: () => traceparentOf(undefined, random),
  keyring: parsedSecret(secrets, config.sealingSecretName, parseKeyring).current,
  send: (entries, signal) => sendAll(entries, { sendBatch, signal, ...SENDING }),
  categoryNames: createCategoryNames({
    orgs: config.genesysOrgs,
    lookUp: (org, ...asked) =>
      circuits.through([downstreamOf(org)], async () => (await loadLookUpNames())(org, ...asked)),
    now,
  }),
  changeVisibility: sqsChangeVisibility(sqs, config.partnerInboxQueueUrl),
  deadLetter: sqsDeadLetter(sqs, config.partnerInboxDeadLetterQueueUrl, {
    function: 'partner-ingest',
    now,
  }),
  backoff: config.backoff,
  log,
  metrics,
  random,
  now,
});
