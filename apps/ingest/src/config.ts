import {
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
export type Env = Record<keyof typeof variables, string> & {
  /** Document 002's way; honoured only for a source that has no secret in Secrets Manager. */
  GENESYS_WEBHOOK_SECRET?: string;
  /** Who makes the calls that every delivery needs: `signed` (the default) is ours, `sdk` the AWS SDK. */
  AWS_CALLS?: 'signed' | 'sdk';
};

/** What Lambda itself sets. */
const lambdaVariables = {
  AWS_REGION: text,
  AWS_ACCESS_KEY_ID: text,
  AWS_SECRET_ACCESS_KEY: text,
};

/** How a function reaches AWS without the SDK. */
export interface AwsAccess {
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  readonly secretsManagerEndpoint: string;
}

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
  readonly awsCalls: 'sdk' | AwsAccess;
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
    awsCalls: awsCalls(env),
  };
}

function awsCalls(env: Environment): 'sdk' | AwsAccess {
  const { AWS_CALLS: calls = 'signed' } = env;
  if (calls !== 'signed' && calls !== 'sdk') throw new Error('bad environment: AWS_CALLS');
  return calls === 'sdk' ? 'sdk' : awsAccess(env);
}

function awsAccess(env: Environment): AwsAccess {
  const { AWS_REGION: region, ...keys } = parseEnvironment(env, lambdaVariables);
  const sessionToken = env['AWS_SESSION_TOKEN'];
  return {
    region,
    credentials: {
      accessKeyId: keys.AWS_ACCESS_KEY_ID,
      secretAccessKey: keys.AWS_SECRET_ACCESS_KEY,
      ...(sessionToken && { sessionToken }),
    },
    secretsManagerEndpoint:
      env['AWS_ENDPOINT_URL_SECRETS_MANAGER'] || env['AWS_ENDPOINT_URL'] || secretsManagerUrl(region),
  };
}

/** @see https://docs.aws.amazon.com/general/latest/gr/asm.html */
const secretsManagerUrl = (region: string): string =>
  `https://secretsmanager.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
