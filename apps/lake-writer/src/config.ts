import {
  awsAccess,
  type AwsAccess,
  type AwsVariables,
  type CircuitSettings,
  circuitSettings,
  circuitVariables,
  type Environment,
  logLevel,
  number,
  parseEnvironment,
  text,
  url,
} from '@aftercall/environment';

function shardCount(value: string): number {
  const count = number(value);
  if (!Number.isInteger(count) || count < 1) throw new Error('is not a number of shards');
  return count;
}

const variables = {
  STAGE: text,
  LAKE_QUEUE_URL: url,
  LAKE_DEAD_LETTER_QUEUE_URL: url,
  LAKE_BUCKET: text,
  /** Into how many files the outcomes of one source and hour go. */
  LAKE_SHARDS: shardCount,
  ...circuitVariables,
  BACKOFF_BASE_SECONDS: number,
  BACKOFF_MAX_SECONDS: number,
  LOG_LEVEL: logLevel,
};

/** The environment variables the infra stack must set. */
export type Env = Record<keyof typeof variables, string> & AwsVariables;

export interface Config {
  readonly stage: string;
  readonly lakeQueueUrl: string;
  readonly lakeDeadLetterQueueUrl: string;
  readonly lakeBucket: string;
  readonly shards: number;
  readonly circuits: CircuitSettings;
  readonly awsAccess: AwsAccess;
  readonly backoff: { readonly baseSeconds: number; readonly maxSeconds: number };
  readonly logLevel: string;
}

/** @throws Error naming every missing or malformed variable, never its value */
export function parseConfig(env: Environment): Config {
  const parsed = parseEnvironment(env, variables);
  return {
    stage: parsed.STAGE,
    lakeQueueUrl: parsed.LAKE_QUEUE_URL,
    lakeDeadLetterQueueUrl: parsed.LAKE_DEAD_LETTER_QUEUE_URL,
    lakeBucket: parsed.LAKE_BUCKET,
    shards: parsed.LAKE_SHARDS,
    circuits: circuitSettings(parsed),
    awsAccess: awsAccess(env),
    backoff: { baseSeconds: parsed.BACKOFF_BASE_SECONDS, maxSeconds: parsed.BACKOFF_MAX_SECONDS },
    logLevel: parsed.LOG_LEVEL,
  };
}
