import type { StageConfig } from '../src/stage.ts';
import { dev } from './dev.ts';

/** An example of everything that a stage may have, with the names and addresses of nobody. The rules of the house are held to all of it. */
export const full: StageConfig = {
  ...dev,
  name: 'full',
  awsCalls: 'sdk',
  genesys: [{ org: 'main', region: 'eu-west-1', sharesTokens: true }],
  network: {
    cidr: '10.20.0.0/16',
    zones: ['a', 'b', 'c'],
    functions: [
      'processor',
      'compliance-router',
      'partner-ingest',
      'transcript-fetcher',
      'backfill',
      'secret-rotator',
    ],
    tokenStore: true,
  },
  warehouse: {
    since: '2026-11-01',
    maxBytesPerQuery: 1_000_000_000_000,
    redshift: { baseCapacity: 8, hoursPerMonth: 100, partitionsSchedule: 'rate(1 hour)' },
    iceberg: { bufferMegabytes: 128, bufferSeconds: 60, mergeSchedule: 'rate(1 hour)' },
  },
  front: {
    accessLogDays: 30,
    domain: {
      name: 'hooks.example.com',
      zone: 'example.com',
      truststore: { key: 'relays.pem', version: 'v1' },
    },
    edge: {
      requestsPerAddress: 30_000,
      clientCertificate:
        'arn:aws:acm:us-east-1:111122223333:certificate/11111111-2222-3333-4444-555555555555',
    },
  },
};
