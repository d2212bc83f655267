import type { StageConfig } from '../src/stage.ts';

/** A first stage on AWS. Account, region and state bucket are yours to set. */
export const dev: StageConfig = {
  name: 'dev',
  account: '111122223333',
  region: 'eu-west-1',
  stateBucket: 'aftercall-dev-state-111122223333',
  ingest: {
    memoryMegabytes: 512,
    timeoutSeconds: 3,
    integrationTimeoutMilliseconds: 2_900,
    requestsPerSecond: 500,
    requestBurst: 1_000,
    // Of the thousand of an account; a new account may have to ask for them first.
    reservedConcurrency: 100,
  },
  processor: {
    memoryMegabytes: 512,
    timeoutSeconds: 30,
    maximumConcurrency: 20,
    maxAttempts: 3,
    backoffBaseSeconds: 5,
    backoffMaxSeconds: 300,
  },
  lake: {
    memoryMegabytes: 1_024,
    timeoutSeconds: 60,
    maximumConcurrency: 2,
    backoffBaseSeconds: 5,
    backoffMaxSeconds: 300,
    shards: 1,
    batchSize: 1_000,
    windowSeconds: 60,
  },
  compliance: {
    memoryMegabytes: 512,
    timeoutSeconds: 30,
    maximumConcurrency: 10,
    backoffBaseSeconds: 5,
    backoffMaxSeconds: 300,
    teams: ['default', 'fraud', 'conduct'],
    rules: {
      defaultDueWithinSeconds: 3 * 86_400,
      rules: [
        {
          name: 'anything-critical-about-payments',
          match: { category: ['payment'], severityAtLeast: 'critical' },
          route: { team: 'fraud', dueWithinSeconds: 4 * 3_600 },
        },
        {
          name: 'disclosures',
          match: { category: ['disclosure'] },
          route: { team: 'conduct', dueWithinSeconds: 2 * 86_400 },
        },
        {
          name: 'whatever-else-is-bad',
          match: { severityAtLeast: 'major' },
          route: { team: 'conduct', dueWithinSeconds: 86_400 },
        },
      ],
    },
    rulesPollSeconds: 60,
    genesysAppUrl: 'https://apps.mypurecloud.ie',
  },
  consumers: {
    memoryMegabytes: 512,
    timeoutSeconds: 30,
    maximumConcurrency: 10,
    maxAttempts: 3,
    backoffBaseSeconds: 5,
    backoffMaxSeconds: 300,
  },
  // The longest there is: nothing drains the archive yet, so what is held stays on its queue, where it goes on by itself.
  circuits: { maxHeldSeconds: 3 * 86_400 },
  genesys: [{ org: 'main', region: 'eu-west-1' }],
  // The organisation's id and the suffix are those of the EventBridge integration in Genesys Cloud.
  partner: [
    {
      eventSourceName: 'aws.partner/genesys.com/cloud/11111111-2222-3333-4444-555555555555/aftercall',
      key: 'partner',
      org: 'main',
    },
  ],
  transcripts: {
    memoryMegabytes: 1_024,
    timeoutSeconds: 900,
    maximumConcurrency: 5,
    maxAttempts: 5,
    backoffBaseSeconds: 10,
    backoffMaxSeconds: 900,
    batchSize: 5,
    maxTranscriptBytes: 500 * 1024 * 1024,
    retryScheduleSeconds: [60, 300, 900, 3_600, 10_800, 21_600, 39_600],
    giveUpAfterSeconds: 7 * 86_400,
    sweepSchedule: 'cron(30 3 * * ? *)',
    originals: 'dropped',
    redaction: {},
  },
  backfill: {
    memoryMegabytes: 512,
    timeoutSeconds: 300,
    maximumConcurrency: 1,
    backoffBaseSeconds: 10,
    backoffMaxSeconds: 900,
    // Late enough for Genesys Cloud to have all of yesterday.
    schedule: 'cron(30 5 * * ? *)',
    sources: [{ key: 'backfill', org: 'main' }],
  },
  crm: { endpoint: 'https://crm.example.com/aftercall/outcomes', requestsPerSecond: 50 },
  customerKey: true,
  costCentre: 'contact-centre',
  // Before the batch that a day's schedules send.
  warm: [
    {
      app: 'ingest',
      environments: 5,
      from: 'cron(45 5 ? * MON-FRI *)',
      until: 'cron(30 7 ? * MON-FRI *)',
      timezone: 'Europe/Dublin',
    },
  ],
  eventsVisibilitySeconds: 180,
  sources: [
    { key: 'main', scheme: 'genesys-webhook' },
    { key: 'messaging', scheme: 'open-messaging' },
    { key: 'relay', scheme: 'standard-webhooks' },
  ],
  defaultOrg: 'main',
  retentionSeconds: 70 * 86_400,
  secretTtlSeconds: 300,
  sentimentScores: { negative: -1, neutral: 0, positive: 1 },
  sentimentScales: { 'genesys-api': 1, 'genesys-event': 1, percent: 0.01 },
  quarantineDailyBytes: 1024 * 1024 * 1024,
  storeRawPayload: false,
  observability: {
    runbooksUrl: 'https://github.com/aftercall/aftercall/blob/main/docs/runbooks',
    periodSeconds: 60,
  },
  logLevel: 'info',
};
