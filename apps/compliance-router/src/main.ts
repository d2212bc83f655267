import { sdkOptions } from '@aftercall/aws-json';
import { eventsCall, s3Call, secretsManagerCall, sqsCall } from '@aftercall/aws-json/function';
import { watchedCall } from '@aftercall/circuit-breaker';
import { functionCircuits } from '@aftercall/circuit-breaker/function';
import { eventbridgeFacts } from '@aftercall/facts';
import { GenesysRefusedError } from '@aftercall/genesys';
import { systemClock, TokenRefusedError } from '@aftercall/oauth';
import {
  createEnqueue,
  isUnavailable,
  type QueueEntry,
  sqsChangeVisibility,
  sqsDeadLetter,
  sqsSendBatch,
} from '@aftercall/queue';
import { outcomeNames } from '@aftercall/schemas';
import { secretsManagerSecrets } from '@aftercall/secrets';
import { createLogger, createMetrics } from '@aftercall/telemetry';
import { parseConfig } from './config.ts';
import { createHandler } from './handler.ts';
import { pollRules } from './poll-rules.ts';
import type { RouteDeps } from './route-fact.ts';
import { type EarlierVersions, MAX_OBJECT_BYTES, s3ComplianceRules } from './s3-compliance-rules.ts';

/** A downstream that hangs is noticed while there is time to give the message back. */
const PATIENCE = { maxAttempts: 3, timeoutMillis: 2_000 };

const config = parseConfig(process.env);
const now = () => new Date();
const random = () => Math.random();
const reach = { access: config.awsAccess, ...PATIENCE };
const sqs = sqsCall(config.complianceQueueUrl, reach);
const log = createLogger({ function: 'compliance-router', level: config.logLevel }).child({
  stage: config.stage,
});
const metrics = createMetrics({ function: 'compliance-router', now });
/** Who refuses a tag is there: violations are routed without it. */
const isRefusal = (error: unknown) =>
  error instanceof GenesysRefusedError || error instanceof TokenRefusedError;
const circuits = functionCircuits({
  function: 'compliance-router',
  access: config.awsAccess,
  settings: config.circuits,
  queueUrl: config.complianceQueueUrl,
  namesOf: ({ body }) => outcomeNames(body),
  isUnavailable: (error) => isUnavailable(error) && !isRefusal(error),
  metrics,
  log,
  now,
  random,
});
const bus = watchedCall(circuits, 'events', eventsCall(reach));
/** Apart from the calls that give messages back, which say nothing of the QA queues. */
const qa = watchedCall(circuits, 'sqs', sqsCall(config.complianceQueueUrl, reach));
const qaQueues = new Map(
  [...config.qaQueueUrls].map(([team, queueUrl]) => [team, createEnqueue(sqsSendBatch(qa, queueUrl))]),
);
const teams = new Set(qaQueues.keys());

async function send(team: string, entry: QueueEntry): Promise<void> {
  const enqueue = qaQueues.get(team);
  if (!enqueue) throw new Error('the team has no QA queue');
  await enqueue([entry]);
}

/** Rules are good, as a rule: what lists their versions is loaded when a container starts with bad ones. */
let earlierVersions: Promise<EarlierVersions> | undefined;
const loadEarlierVersions = () =>
  (earlierVersions ??= import('./s3-earlier-versions.ts').then((rare) =>
    rare.s3EarlierVersions(sdkOptions(PATIENCE)),
  ));

/** Most rule sets have no tags: what sets them is loaded when the first one is to be set, not at every cold start. */
let tags: Promise<RouteDeps['setTag']> | undefined;
async function loadTags(): Promise<RouteDeps['setTag']> {
  const { httpConversationTags } = await import('./http-conversation-tags.ts');
  return httpConversationTags({
    orgs: config.genesysOrgs,
    secrets: secretsManagerSecrets(secretsManagerCall(reach), {
      ttlSeconds: config.secretTtlSeconds,
      now,
      random,
    }),
    fetch,
    clock: systemClock(),
    random,
    log,
    countTokenRequest: (outcome) =>
      metrics.count('TokenRequests', 1, outcome === 'issued' ? {} : { Reason: outcome }),
    onRateLimitRemaining: (remaining) => metrics.least('RateLimitRemaining', remaining),
    watch: circuits.watch,
  });
}

export const handler = createHandler({
  circuits,
  rules: pollRules({
    store: s3ComplianceRules(
      s3Call({ ...reach, maxObjectBytes: MAX_OBJECT_BYTES }),
      async (...object) => (await loadEarlierVersions())(...object),
      config.rulesBucket,
      config.rulesKey,
    ),
    teams,
    pollSeconds: config.rulesPollSeconds,
    log,
    metrics,
    now,
  }),
  teams,
  send,
  publish: eventbridgeFacts(bus, config.busName),
  setTag: async (tag, remainingMillis) => (await (tags ??= loadTags()))(tag, remainingMillis),
  genesysAppUrl: config.genesysAppUrl,
  changeVisibility: sqsChangeVisibility(sqs, config.complianceQueueUrl),
  deadLetter: sqsDeadLetter(sqs, config.complianceDeadLetterQueueUrl, {
    function: 'compliance-router',
    now,
  }),
  backoff: config.backoff,
  log,
  metrics,
  random,
  now,
});
