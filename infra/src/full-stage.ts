import { validStage, type StageConfig } from './stage.ts';
import { stageNamed } from './stages.ts';

/** A stage with everything that a stage may have, so that the rules are held to all of it. For tests. */
export const fullStage: StageConfig = validStage({
  ...stageNamed('dev'),
  name: 'full',
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
});
