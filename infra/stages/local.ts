import type { StageConfig } from '../src/stage.ts';

/** The laptop: short waits, and a ledger that outlives every fixture's date. Account and state bucket are never reached. */
export const local: StageConfig = {
  name: 'local',
  account: '000000000000',
  region: 'eu-west-1',
  stateBucket: 'aftercall-local-state',
  ingest: {
    memoryMegabytes: 512,
    timeoutSeconds: 3,
    integrationTimeoutMilliseconds: 2_900,
    requestsPerSecond: 10_000,
    requestBurst: 5_000,
  },
  processor: {
    memoryMegabytes: 512,
    timeoutSeconds: 10,
    maximumConcurrency: 4,
    maxAttempts: 3,
    backoffBaseSeconds: 1,
    backoffMaxSeconds: 5,
  },
  lake: {
    memoryMegabytes: 1_024,
    timeoutSeconds: 10,
    maximumConcurrency: 1,
    backoffBaseSeconds: 1,
    backoffMaxSeconds: 5,
    shards: 1,
    batchSize: 1_000,
    windowSeconds: 2,
  },
  compliance: {
    memoryMegabytes: 512,
    timeoutSeconds: 10,
    maximumConcurrency: 4,
    backoffBaseSeconds: 1,
    backoffMaxSeconds: 5,
    teams: ['default', 'fraud', 'conduct'],
    rules: {
      defaultDueWithinSeconds: 3_600,
      rules: [
        {
          name: 'card-numbers-spoken',
          match: { code: ['PCI_CARD_SPOKEN'] },
          route: { team: 'fraud', dueWithinSeconds: 900 },
        },
        {
          name: 'disclosures-missing',
          match: { category: ['disclosure'], mediaType: ['voice'] },
          route: { team: 'conduct', severity: 'minor', dueWithinSeconds: 86_400 },
        },
      ],
    },
    rulesPollSeconds: 2,
    genesysAppUrl: 'https://apps.mypurecloud.ie',
  },
  consumers: {
    memoryMegabytes: 512,
    timeoutSeconds: 10,
    maximumConcurrency: 4,
    maxAttempts: 3,
    backoffBaseSeconds: 1,
    backoffMaxSeconds: 5,
  },
  circuits: { maxHeldSeconds: 600 },
  // Where nobody listens: the local stack puts in the addresses of its own Genesys Cloud.
  genesys: [{ org: 'main', apiBaseUrl: 'http://127.0.0.1:9', loginBaseUrl: 'http://127.0.0.1:9' }],
  // The sources that the recorded partner events name, so that they can be put on their buses as they are.
  partner: [
    {
      eventSourceName: 'aws.partner/genesys.com/cloud/5d32fe61-985f-44e7-aa09-5ee82bb29976/postcall',
      key: 'partner',
      org: 'main',
    },
    {
      eventSourceName:
        'aws.partner/genesys.com.test/cloud/32aa07aa-db1b-4987-abd0-9483601ec29d/test-event-bus',
      key: 'partner-test',
      org: 'main',
    },
  ],
  transcripts: {
    memoryMegabytes: 1_024,
    timeoutSeconds: 60,
    maximumConcurrency: 4,
    maxAttempts: 3,
    backoffBaseSeconds: 1,
    backoffMaxSeconds: 5,
    batchSize: 5,
    maxTranscriptBytes: 500 * 1024 * 1024,
    retryScheduleSeconds: [1, 2, 5, 10, 30, 60, 120],
    giveUpAfterSeconds: 7 * 86_400,
    // A day after the start: a laptop's work is not interrupted.
    sweepSchedule: 'rate(1 day)',
    originals: 'dropped',
    redaction: {},
  },
  backfill: {
    memoryMegabytes: 512,
    timeoutSeconds: 30,
    maximumConcurrency: 1,
    backoffBaseSeconds: 1,
    backoffMaxSeconds: 5,
    schedule: 'rate(1 day)',
    sources: [{ key: 'backfill', org: 'main' }],
  },
  // Where nobody listens: the local stack puts in the address of its own receiver.
  crm: { endpoint: 'http://127.0.0.1:9/crm', requestsPerSecond: 200 },
  eventsVisibilitySeconds: 60,
  sources: [
    { key: 'main', scheme: 'genesys-webhook' },
    { key: 'messaging', scheme: 'open-messaging' },
    { key: 'relay', scheme: 'standard-webhooks' },
  ],
  defaultOrg: 'main',
  retentionSeconds: 3_653 * 86_400,
  secretTtlSeconds: 30,
  sentimentScores: { negative: -1, neutral: 0, positive: 1 },
  sentimentScales: { 'genesys-api': 1, 'genesys-event': 1, percent: 0.01 },
  quarantineDailyBytes: 100 * 1024 * 1024,
  storeRawPayload: false,
  observability: {
    runbooksUrl: 'https://github.com/aftercall/aftercall/blob/main/docs/runbooks',
    periodSeconds: 10,
  },
  logLevel: 'info',
};
