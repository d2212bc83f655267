import { randomBytes } from 'node:crypto';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { sdkOptions } from '@aftercall/aws-json';
import { sdkSecretsManager } from '@aftercall/aws-json/sdk-secrets-manager';
import { systemClock } from '@aftercall/oauth';
import { secretsManagerSecrets } from '@aftercall/secrets';
import { createLogger, createMetrics } from '@aftercall/telemetry';
import { parseConfig } from './config.ts';
import { createHandler } from './handler.ts';
import { httpOauthClients } from './http-oauth-clients.ts';
import { keyringRotation } from './rotate-keyring.ts';
import { oauthRotation } from './rotate-oauth-client.ts';
import { secretsManagerSecretVersions } from './secretsmanager-secret-versions.ts';

const PATIENT = sdkOptions({ maxAttempts: 3, timeoutMillis: 3_000 });

const config = parseConfig(process.env);
const now = () => new Date();
const random = () => Math.random();
const log = createLogger({ function: 'secret-rotator', level: config.logLevel }).child({
  stage: config.stage,
});
const metrics = createMetrics({ function: 'secret-rotator', now });
const client = new SecretsManagerClient(PATIENT);
const oauthClients = httpOauthClients({
  orgs: config.genesysOrgs,
  secrets: secretsManagerSecrets(sdkSecretsManager(client), {
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
});

function rotationOf(name: string) {
  if (name === config.sealingSecretName) return keyringRotation({ randomBytes, now });
  const clients = oauthClients(config.oauthSecrets.get(name) ?? '');
  return clients && oauthRotation({ ...clients, cacheSeconds: config.secretTtlSeconds, now });
}

export const handler = createHandler({
  versions: secretsManagerSecretVersions(client),
  rotationOf,
  log,
  metrics,
  now,
});
