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
  },
  processor: {
    memoryMegabytes: 512,
    timeoutSeconds: 30,
    maximumConcurrency: 20,
    maxAttempts: 3,
    backoffBaseSeconds: 5,
    backoffMaxSeconds: 300,
  },
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
  quarantineDailyBytes: 1024 * 1024 * 1024,
  storeRawPayload: false,
  logLevel: 'info',
};
