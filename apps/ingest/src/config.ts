import {
  awsAccess,
  type AwsAccess,
  type AwsVariables,
  type Environment,
  logLevel,
  number,
  parseEnvironment,
  sources,
  text,
  url,
} from '@aftercall/environment';
import type { Source } from '@aftercall/schemas';

const variables = {
  EVENTS_QUEUE_URL: url,
  SET_ASIDE_BUCKET: text,
  SET_ASIDE_TABLE: text,
  DELIVERIES_BUCKET: text,
  SEALING_SECRET_NAME: text,
  /** JSON: every configured way in, without its secret. */
  SOURCES: sources,
  /** How long the ledger remembers an event; older events are not taken. */
  RETENTION_SECONDS: number,
  SECRET_TTL_SECONDS: number,
  QUARANTINE_DAILY_BYTES: number,
  LOG_LEVEL: logLevel,
};

/** The environment variables the infra stack must set. */
export type Env = Record<keyof typeof variables, string> &
  AwsVariables & {
    /** Document 002's way; honoured only for a source that has no secret in Secrets Manager. */
    GENESYS_WEBHOOK_SECRET?: string;
  };

export interface Config {
  readonly eventsQueueUrl: string;
  readonly setAsideBucket: string;
  readonly setAsideTable: string;
  readonly deliveriesBucket: string;
  readonly sealingSecretName: string;
  readonly sources: ReadonlyMap<string, Source>;
  readonly retentionSeconds: number;
  readonly secretTtlSeconds: number;
  readonly quarantineDailyBytes: number;
  readonly logLevel: string;
  readonly webhookSecret: string | undefined;
  readonly awsAccess: AwsAccess;
}

/** @throws Error naming every missing or malformed variable, never its value */
export function parseConfig(env: Environment): Config {
  const parsed = parseEnvironment(env, variables);
  return {
    eventsQueueUrl: parsed.EVENTS_QUEUE_URL,
    setAsideBucket: parsed.SET_ASIDE_BUCKET,
    setAsideTable: parsed.SET_ASIDE_TABLE,
    deliveriesBucket: parsed.DELIVERIES_BUCKET,
    sealingSecretName: parsed.SEALING_SECRET_NAME,
    sources: parsed.SOURCES,
    retentionSeconds: parsed.RETENTION_SECONDS,
    secretTtlSeconds: parsed.SECRET_TTL_SECONDS,
    quarantineDailyBytes: parsed.QUARANTINE_DAILY_BYTES,
    logLevel: parsed.LOG_LEVEL,
    webhookSecret: env['GENESYS_WEBHOOK_SECRET'] || undefined,
    awsAccess: awsAccess(env),
  };
}
