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
  quarantineDailyBytes: 100 * 1024 * 1024,
  storeRawPayload: false,
  logLevel: 'info',
};
